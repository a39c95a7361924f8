Feature: Stock
  The stock of a product is received, reserved per order, released or committed.

  Scenario: Stock is initialized
    Given nothing has happened
    When stock of "SKU-1" is initialized with 10, threshold 3
    Then 10 are on hand and 0 reserved

  Scenario Outline: Wrong first stock is refused
    Given <history>
    When stock of "<product>" is initialized with <quantity>, threshold <threshold>
    Then it is refused: "<text>"

    Examples:
      | history              | product | quantity | threshold | text                                   |
      | 10 "SKU-1" in stock  | SKU-1   | 1        | 0         | Inventory already initialized          |
      | nothing has happened |         | 1        | 0         | Product ID is required                 |
      | nothing has happened | SKU-1   | -1       | 0         | Quantity cannot be negative            |
      | nothing has happened | SKU-1   | 1        | -1        | Low stock threshold cannot be negative |

  Scenario: Goods come in
    Given 10 "SKU-1" in stock
    When 5 more come in
    Then 15 are on hand and 0 reserved

  Scenario Outline: Wrong goods are refused
    Given <history>
    When <quantity> more come in
    Then it is refused: "<text>"

    Examples:
      | history              | quantity   | text                      |
      | nothing has happened | 1          | Inventory not initialized |
      | 10 "SKU-1" in stock  | 0          | Quantity must be positive |
      | 10 "SKU-1" in stock  | 2147483647 | Stock level is too large  |

  Scenario: Several orders reserve one product
    Given 10 "SKU-1" in stock
    And order "A" has reserved 4
    When order "B" reserves 6
    Then 10 are on hand and 10 reserved
    And order "B" is told that 0 are available

  Scenario Outline: A reservation is refused
    Given <history>
    And order "A" has reserved <before>
    When order "<order>" reserves <quantity>
    Then it is refused: "<text>"

    Examples:
      | history              | before | order | quantity | text                                         |
      | nothing has happened | 0      | B     | 1        | Inventory not initialized                    |
      | 10 "SKU-1" in stock  | 0      | B     | 0        | Quantity must be positive                    |
      | 10 "SKU-1" in stock  | 0      |       | 1        | Order ID is required                         |
      | 10 "SKU-1" in stock  | 1      | A     | 1        | Reservation already exists for this order    |
      | 10 "SKU-1" in stock  | 4      | B     | 7        | Insufficient stock: available 6, requested 7 |

  Scenario Outline: Low stock alerts once, when the threshold is crossed
    Given 10 "SKU-1" in stock, threshold <threshold>
    And order "A" has reserved <before>
    When order "B" reserves <quantity>
    Then low stock is <alerted>

    Examples:
      | threshold | before | quantity | alerted      |
      | 5         | 1      | 5        | reported     |
      | 5         | 1      | 4        | not reported |
      | 5         | 6      | 1        | not reported |
      | 0         | 1      | 9        | not reported |

  Scenario: A released reservation is available again
    Given 10 "SKU-1" in stock
    And order "A" has reserved 4
    When order "A" releases
    Then 10 are on hand and 0 reserved

  Scenario: A committed reservation leaves the stock
    Given 10 "SKU-1" in stock
    And order "A" has reserved 4
    When order "A" commits
    Then 6 are on hand and 0 reserved

  Scenario Outline: What was not reserved cannot be released or committed
    Given <history>
    When order "<order>" <does>
    Then it is refused: "<text>"

    Examples:
      | history              | order | does     | text                                 |
      | nothing has happened | A     | releases | Inventory not initialized            |
      | 10 "SKU-1" in stock  |       | releases | Order ID is required                 |
      | 10 "SKU-1" in stock  | A     | releases | Reservation not found for this order |
      | nothing has happened | A     | commits  | Inventory not initialized            |
      | 10 "SKU-1" in stock  |       | commits  | Order ID is required                 |
      | 10 "SKU-1" in stock  | A     | commits  | Reservation not found for this order |
