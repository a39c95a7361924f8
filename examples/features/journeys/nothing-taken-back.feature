Feature: What nobody takes back is written down
  When one service refuses what another one has already promised, and nobody can take the promise back, people find a
  record of it.

  Scenario: A completed order whose shipment is refused leaves a record
    Given 10 of a product in stock
    And a shipment for somebody else stands where the order's would
    When a customer orders 2 of it at 500
    And the customer pays 1000 and the payment is confirmed
    Then the order is completed
    And a record says that "Shipment already exists" and that nobody took the order back
    And the record carries the mark of the order

  Scenario: Records are not written by customers
    When a customer tries to write a record
    Then it is refused with "is reserved"
