Feature: What failed is kept until somebody decides
  A display that cannot take the deliveries of one product shows those of all others. What it missed
  waits in the order it came, and is shown or given up when the operator says so.

  Background:
    Given a display of deliveries that cannot take those of "Tea"
    When 4 deliveries of "Tea" and 4 deliveries of "Salt" arrive

  Scenario: A product that fails holds up nobody else
    Then the display shows deliveries 1 to 4 of "Salt"
    And 4 deliveries of "Tea" wait and none of "Salt"

  Scenario: What waits is shown in order although the power fails in between
    Given the display is mended
    When the operator replays what waits and the power fails at delivery 2 of "Tea"
    Then the display shows deliveries 1 to 4 of "Tea"
    And nothing waits

  Scenario: A delivery that is given up lets the others through
    Given the display is mended
    When the operator gives up delivery 1 of "Tea" because "it was never ordered"
    And 1 more delivery of "Tea" arrives
    Then the display shows deliveries 2 to 5 of "Tea"
    And delivery 1 of "Tea" stays on record because "it was never ordered"
    And nothing waits

  Scenario: A display that is still broken keeps what waits
    When the operator replays what waits in vain
    Then 4 deliveries of "Tea" wait and none of "Salt"
