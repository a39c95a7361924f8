Feature: Orders
  An order is created once, paid to the cent, and either completed or cancelled.

  Scenario: A customer orders two products
    Given nothing has happened
    When customer "C-1" orders 2 "SKU-1" at 500 and 1 "SKU-2" at 250
    Then the order is created with a subtotal of 1250
    And the order is "pending"

  Scenario: A discount from the cart lowers what is to be paid
    Given customer "C-1" ordered goods worth 1000 with a cart discount of 100
    When 900 are paid by "card"
    Then the payment of 900 by "card" is submitted

  Scenario Outline: An order that makes no sense is refused
    Given nothing has happened
    When a customer orders with <fault>
    Then it is refused: "<text>"

    Examples:
      | fault                      | text                                |
      | no customer                | Customer ID is required             |
      | no items                   | Order must have items               |
      | an item without product    | Product ID is required              |
      | an item with quantity 0    | Item quantity must be positive      |
      | a price below zero         | Unit price cannot be negative       |
      | too many items             | Order is too large                  |
      | a discount below zero      | Cart discount cannot be negative    |
      | a discount above subtotal  | Cart discount cannot exceed subtotal |
      | a broken customer          | Customer root must be 16 bytes      |
      | a broken cart              | Cart root must be 16 bytes          |

  Scenario: An order is created once
    Given customer "C-1" ordered goods worth 1000
    When customer "C-2" orders 1 "SKU-1" at 500 and 1 "SKU-2" at 250
    Then it is refused: "Order already exists"

  Scenario: Loyalty points lower the total
    Given customer "C-1" ordered goods worth 1000
    When 20 points take off 200
    Then the loyalty discount of 200 for 20 points is applied

  Scenario Outline: A loyalty discount is refused
    Given <history>
    When <points> points take off <discount>
    Then it is refused: "<text>"

    Examples:
      | history                                                 | points | discount | text                             |
      | nothing has happened                                    | 1      | 1        | Order does not exist             |
      | customer "C-1" ordered goods worth 1000 and paid        | 1      | 1        | Order is not in pending state    |
      | customer "C-1" ordered goods worth 1000 with points     | 1      | 1        | Loyalty discount already applied |
      | customer "C-1" ordered goods worth 1000                 | 0      | 1        | Points must be positive          |
      | customer "C-1" ordered goods worth 1000                 | 1      | 0        | Discount must be positive        |
      | customer "C-1" ordered goods worth 1000                 | 1      | 1001     | Discount cannot exceed subtotal  |

  Scenario Outline: A payment is refused
    Given <history>
    When <amount> are paid by "<method>"
    Then it is refused: "<text>"

    Examples:
      | history                                               | amount | method | text                                                             |
      | nothing has happened                                  | 1000   | card   | Order does not exist                                             |
      | customer "C-1" ordered goods worth 1000 and paid      | 1000   | card   | Payment already submitted                                        |
      | customer "C-1" ordered goods worth 1000 and completed | 1000   | card   | Payment already submitted                                        |
      | customer "C-1" ordered goods worth 1000 and cancelled | 1000   | card   | Order is already cancelled                                       |
      | customer "C-1" ordered goods worth 1000               | 1000   |        | Payment method is required                                       |
      | customer "C-1" ordered goods worth 1000               | 999    | card   | Payment amount must match order total: expected 1000, got 999    |

  Scenario: A confirmed payment completes the order and earns points
    Given customer "C-1" ordered goods worth 1050 and paid
    When the payment is confirmed as "P-1"
    Then the order is completed with 10 points and the fraud result ""

  Scenario Outline: The fraud check has the last word
    Given customer "C-1" ordered goods worth 1050 and paid
    And the fraud check answers "<answer>"
    When the payment is confirmed as "P-1"
    Then the order is completed with 10 points and the fraud result "<answer>"

    Examples:
      | answer          |
      | approved        |
      | review_required |

  Scenario: A declined payment is refused
    Given customer "C-1" ordered goods worth 1050 and paid
    And the fraud check answers "declined"
    When the payment is confirmed as "P-1"
    Then it is refused: "Payment declined by fraud check"

  Scenario: Without an answer the payment can be confirmed later
    Given customer "C-1" ordered goods worth 1050 and paid
    And the fraud check does not answer
    When the payment is confirmed as "P-1"
    Then it is refused: "Fraud check unavailable: no answer"

  Scenario Outline: A confirmation is refused
    Given <history>
    When the payment is confirmed as "<reference>"
    Then it is refused: "<text>"

    Examples:
      | history                                               | reference | text                          |
      | nothing has happened                                  | P-1       | Order does not exist          |
      | customer "C-1" ordered goods worth 1000               | P-1       | Payment not submitted         |
      | customer "C-1" ordered goods worth 1000 and completed | P-1       | Order is already completed    |
      | customer "C-1" ordered goods worth 1000 and cancelled | P-1       | Order is already cancelled    |
      | customer "C-1" ordered goods worth 1000 and paid      |           | Payment reference is required |

  Scenario: An order can be cancelled
    Given customer "C-1" ordered goods worth 1000 and paid
    When the order is cancelled because of "a change of mind"
    Then the order is cancelled because of "a change of mind"
    And the order is "cancelled"

  Scenario Outline: A cancellation is refused
    Given <history>
    When the order is cancelled because of "<reason>"
    Then it is refused: "<text>"

    Examples:
      | history                                               | reason | text                            |
      | nothing has happened                                  | x      | Order does not exist            |
      | customer "C-1" ordered goods worth 1000 and completed | x      | Cannot cancel completed order   |
      | customer "C-1" ordered goods worth 1000 and cancelled | x      | Order is already cancelled      |
      | customer "C-1" ordered goods worth 1000               |        | Cancellation reason is required |

  Scenario: Refused stock cancels the order
    Given customer "C-1" ordered goods worth 1000
    When the stock is refused because of "Inventory not initialized"
    Then the order is cancelled because of "Stock reservation rejected: Inventory not initialized"

  Scenario: Refused stock of a cancelled order is settled
    Given customer "C-1" ordered goods worth 1000 and cancelled
    When the stock is refused because of "too late"
    Then the refusal is settled as "Order is already cancelled"

  Scenario: Refused stock of a completed order needs people
    Given customer "C-1" ordered goods worth 1000 and completed
    When the stock is refused because of "gone"
    Then people are told: "gone"
