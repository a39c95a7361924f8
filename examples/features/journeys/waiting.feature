Feature: A caller may wait for what follows
  The answer says what became of it at each service.

  Scenario: A confirmed payment is answered when the shipment is there
    Given an order that is reserved and paid
    When the payment is confirmed and all that follows is waited for
    Then the answer comes after the shipment was created
    And it says what became of it at each service

  @standalone
  Scenario: A view that stands still is late
    Given a stocked product
    And the view of the stock stands still
    When a customer orders it and waits for all that follows, but not for long
    Then it is reserved
    And the answer says that only the view is late
