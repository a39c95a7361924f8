Feature: Shipped goods leave the stock
  What an order reserved is committed when its goods are on their way.

  Scenario: A shipped order commits each product once
    When 2 "SKU-1", 1 "SKU-2" and 3 "SKU-1" of an order are shipped
    Then the reservations of "SKU-1" and "SKU-2" are committed

  Scenario: Other facts about a shipment do not concern the stock
    When a shipment is packed
    Then nothing is asked for
