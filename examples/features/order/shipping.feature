Feature: A completed order is shipped
  The shipment has the items of the order and no payment details.

  Scenario: A completed order gets a shipment
    When the order for 2 "SKU-1" is completed
    Then a shipment of 2 "SKU-1" is asked for

  Scenario: There is one shipment per order
    Given the order has a shipment
    When the order for 2 "SKU-1" is completed
    Then nothing is asked for

  Scenario: The shipment of another order does not count
    Given another order has its shipment there
    When the order for 2 "SKU-1" is completed
    Then a shipment of 2 "SKU-1" is asked for
