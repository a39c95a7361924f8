Feature: An order leaves when everything is ready
  It is paid, all of its products are set aside and the parcel is packed, in whatever order that happens.
  An order that nobody pays in time is called off.

  Scenario Outline: The order leaves as soon as the last thing has happened
    Given an order for "SKU-1" and "SKU-2"
    When these happen one after the other: <first>, <second>, <third>, <fourth>
    Then the order leaves exactly once, at the end

    Examples:
      | first         | second        | third         | fourth        |
      | SKU-1 is held | SKU-2 is held | it is paid    | it is packed  |
      | SKU-2 is held | it is paid    | it is packed  | SKU-1 is held |
      | it is paid    | it is packed  | SKU-1 is held | SKU-2 is held |
      | it is packed  | SKU-1 is held | SKU-2 is held | it is paid    |

  Scenario: Products may be set aside before the order is known
    Given "SKU-1" was held for an order that nobody has seen
    When the order for "SKU-1" is placed
    Then its products are complete

  Scenario: What has happened already changes nothing
    Given an order for "SKU-1" and "SKU-2"
    And "SKU-1" is held for it
    When "SKU-1" is held for it once more
    Then nothing happens

  Scenario: The things of another order do not count
    Given an order for "SKU-1" and "SKU-2"
    When "SKU-1" is held for another order
    Then nothing happens

  Scenario: The customer has half an hour to pay
    When the order for "SKU-1" is placed
    Then it is to be paid within 1800 seconds

  Scenario: An unpaid order is called off in time
    Given an order for "SKU-1" and "SKU-2"
    When nobody pays for 1800 seconds
    Then the order is called off because "Payment timed out"

  Scenario: A paid order is not called off
    Given an order for "SKU-1" and "SKU-2"
    And it is paid
    When 1800 seconds go by
    Then nothing happens

  Scenario: An order that is off already is not called off again
    Given an order for "SKU-1" and "SKU-2"
    And the order is off, but the news is late
    When nobody pays for 1800 seconds
    Then nothing happens

  Scenario: An order that is off does not leave
    Given an order for "SKU-1" and "SKU-2"
    When the customer calls it off
    Then the process is over with "cancelled"
    When it is packed
    Then nothing happens

  Scenario: An order that has left is done
    Given an order for "SKU-1" and "SKU-2"
    When somebody ships it by hand
    Then the process is over with "shipped"
