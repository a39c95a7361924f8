Feature: A branch of history asks what would have been
  People try on a branch what they would not dare to do to the business. What happened stays as it happened, and the two
  can be compared.

  Scenario: A completed order is cancelled in a branch
    Given an order of 2 out of 10 that was paid and completed
    When the operator branches "what-if" off behind the payment
    And the customer cancels the order on "what-if" because "changed my mind"
    Then the order is "cancelled" on "what-if" and "completed" on main
    And the stock on "what-if" has nothing reserved
    And main is byte for byte what it was
    And the comparison shows "OrderCompleted" on main and "OrderCancelled" on "what-if"

  Scenario: A branch that nobody wants any more is gone for ever
    Given an order of 2 out of 10 that was paid and completed
    When the operator branches "mistake" off behind the payment
    And the customer cancels the order on "mistake" because "changed my mind"
    And the operator deletes "mistake"
    Then "mistake" is not listed and can neither be read nor made again
    And main is byte for byte what it was
