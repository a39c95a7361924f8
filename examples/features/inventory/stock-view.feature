Feature: The view of stock
  Everybody can see what is on hand, reserved and available of a product.

  Scenario: The view follows every fact
    Given "SKU-1" with 10 on hand and threshold 5
    When 4 are reserved, 3 of another order, and low stock is reported
    Then the view shows 10 on hand, 7 reserved, 3 available, low

  Scenario: Released and committed goods
    Given "SKU-1" with 10 on hand and threshold 5
    When 4 are reserved and released, and 3 reserved and committed, and 2 come in
    Then the view shows 9 on hand, 0 reserved, 9 available, not low

  Scenario: A fact that is told twice counts once
    Given "SKU-1" with 10 on hand and threshold 5
    When 4 are reserved, told twice
    Then the view shows 10 on hand, 4 reserved, 6 available, not low

  Scenario: A view that is built anew shows the same
    Given "SKU-1" with 10 on hand and threshold 5
    When 4 are reserved and released, and 3 reserved and committed, and 2 come in
    And the view is built anew
    Then the view shows 9 on hand, 0 reserved, 9 available, not low
