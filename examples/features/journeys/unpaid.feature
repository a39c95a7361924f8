@standalone
Feature: An order that nobody pays is called off
  It holds stock that others could buy.

  Scenario: An unpaid order is called off in time, whatever happens meanwhile
    Given a shop in which orders are to be paid within 5 seconds
    And 10 of a product in stock
    When a customer orders 4 of it at 500
    And whoever watches the time of payment is killed without warning
    Then the order is called off once because "Payment timed out"
    And 10 of it are left and none are reserved
