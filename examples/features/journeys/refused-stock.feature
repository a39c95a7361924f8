Feature: What is not in stock is not sold
  An order that cannot be reserved is cancelled by itself, and what was set aside for it is free again.

  Scenario: An order for more than is there is cancelled
    Given 3 of a product in stock
    When a customer orders 5 of it at 500
    Then the order is cancelled with "Insufficient stock: available 3, requested 5"
    And the cancellation carries the mark of the order

  Scenario: What was set aside for a cancelled order is free again
    Given 10 of a product in stock
    And 1 of another product in stock
    When a customer orders 2 of each
    Then the order is cancelled with "Insufficient stock: available 1, requested 2"
    And 10 of it are left and none are reserved

  Scenario: A product that nobody knows cancels the order
    When a customer orders 5 of it at 500
    Then the order is cancelled with "Inventory not initialized"
