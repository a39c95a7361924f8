Feature: Shipments
  A shipment is created, picked, packed, shipped and delivered, in this order.

  Scenario: A shipment is created
    Given nothing has happened
    When a shipment for order "A" is created
    Then the shipment is "pending"

  Scenario Outline: Each step follows the one before
    Given a shipment that is <before>
    When it is <step>
    Then the shipment is "<status>"

    Examples:
      | before  | step      | status    |
      | pending | picked    | picking   |
      | picked  | packed    | packing   |
      | packed  | shipped   | shipped   |
      | shipped | delivered | delivered |

  Scenario Outline: A shipment is created once, for an order
    Given <history>
    When a shipment for order "<order>" is created
    Then it is refused: "<text>"

    Examples:
      | history                    | order | text                    |
      | a shipment that is pending | A     | Shipment already exists |
      | nothing has happened       |       | Order ID is required    |

  Scenario Outline: A step out of order is refused
    Given <history>
    When it is <step>
    Then it is refused: "<text>"

    Examples:
      | history                      | step      | text                          |
      | nothing has happened         | picked    | Shipment does not exist       |
      | nothing has happened         | packed    | Shipment does not exist       |
      | nothing has happened         | shipped   | Shipment does not exist       |
      | nothing has happened         | delivered | Shipment does not exist       |
      | a shipment that is picked    | picked    | Shipment is not pending       |
      | a shipment that is pending   | packed    | Shipment is not picked        |
      | a shipment that is picked    | shipped   | Shipment is not packed        |
      | a shipment that is packed    | delivered | Shipment is not shipped       |
      | a shipment that is delivered | delivered | Shipment is already delivered |

  Scenario Outline: A step needs its details
    Given a shipment that is <before>
    When it is <step> without <detail>
    Then it is refused: "<text>"

    Examples:
      | before  | step    | detail   | text                        |
      | pending | picked  | person   | Picker ID is required       |
      | picked  | packed  | person   | Packer ID is required       |
      | packed  | shipped | carrier  | Carrier is required         |
      | packed  | shipped | tracking | Tracking number is required |

  Scenario: Goods that left without a reservation need people
    Given a shipment that is shipped
    When the commitment is refused because of "Reservation not found for this order"
    Then people are told and the case is kept: "Reservation not found for this order"
