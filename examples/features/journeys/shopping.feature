Feature: From an order to its delivery
  What one service decides is carried on by the others, without anybody asking.

  Scenario: A paid order is reserved, completed, shipped and leaves the stock
    Given 10 of a product in stock
    When a customer orders 2 of it at 500
    Then 2 of it are reserved for the order
    When the customer pays 1000 and the payment is confirmed
    Then the order is completed
    And a shipment of the order is waiting
    When the shipment is picked and packed
    Then the shipment leaves by itself
    And 8 of it are left and none are reserved
    And everything carries the mark of the order

  Scenario: A cancelled order gives its stock back
    Given 10 of a product in stock
    When a customer orders 4 of it at 500
    Then 4 of it are reserved for the order
    When the customer cancels
    Then 10 of it are left and none are reserved

  Scenario: An amount that is wrong is refused
    Given 10 of a product in stock
    When a customer orders 2 of it at 500
    And the customer pays 999
    Then it is refused with "expected 1000, got 999"

  Scenario: Stale knowledge is refused
    Given 10 of a product in stock
    When a customer orders 2 of it at 500
    And somebody who has not seen the order orders again at its place
    Then it is refused with "Sequence mismatch"

  Scenario: Impatience has one effect
    Given 10 of a product in stock
    When a customer orders 2 of it at 500 five times in one breath
    Then there is one order
    And 2 of it are reserved for the order

  Scenario: Many orders at once keep apart
    Given 100 of a product in stock
    When 20 customers order 3 of it at 100 at the same time
    Then 60 of it are reserved, 3 for each order
