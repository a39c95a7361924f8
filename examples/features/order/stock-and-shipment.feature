Feature: What an order leads to
  Orders reserve stock, cancelled orders release it, completed orders are shipped.

  Scenario: An order reserves each product once
    When an order for 2 "SKU-1", 1 "SKU-2" and 3 "SKU-1" is created
    Then 5 "SKU-1" and 1 "SKU-2" are reserved for it

  Scenario: A repeated order reserves nothing twice
    Given the order holds 5 "SKU-1"
    When an order for 2 "SKU-1", 1 "SKU-2" and 3 "SKU-1" is created
    Then only 1 "SKU-2" is reserved for it

  Scenario: A cancelled order releases what it holds
    Given the order holds 5 "SKU-1"
    When the order for 2 "SKU-1" and 1 "SKU-2" is cancelled
    Then its "SKU-1" is released and nothing else

  Scenario: A product that was released before is not released again
    Given the order held 5 "SKU-1" and gave it back
    When the order for 2 "SKU-1" and 1 "SKU-2" is cancelled
    Then nothing is asked for

  Scenario: Other facts about an order do not concern the stock
    When a payment for the order is submitted
    Then nothing is asked for
