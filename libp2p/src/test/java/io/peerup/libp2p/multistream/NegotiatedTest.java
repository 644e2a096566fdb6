package io.peerup.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Refused;
import java.util.List;
import org.junit.jupiter.api.Test;

class NegotiatedTest {

  private static final List<String> ALL = List.of("/best", "/good", "/poor");

  @Test
  void theBestThatBothOfferIsRight() {
    Negotiated taken = new Negotiated("/best", ALL);
    for (Direction direction : Direction.values()) {
      assertThatCode(() -> taken.compare(direction, ALL)).doesNotThrowAnyException();
    }
  }

  @Test
  void lessThanBothOfferIsRefusedByWhoeverLooks() {
    Negotiated taken = new Negotiated("/good", ALL);
    for (Direction direction : Direction.values()) {
      assertThatThrownBy(() -> taken.compare(direction, ALL))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("/best")
          .hasMessageContaining("/good");
    }
  }

  @Test
  void whatOneSideLacksIsNoReason() {
    List<String> less = List.of("/good", "/poor");
    for (Direction direction : Direction.values()) {
      assertThatCode(() -> new Negotiated("/good", ALL).compare(direction, less))
          .doesNotThrowAnyException();
      assertThatCode(() -> new Negotiated("/good", less).compare(direction, ALL))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void theDiallersOrderCounts() {
    List<String> turned = List.of("/poor", "/good", "/best");
    Negotiated poor = new Negotiated("/poor", ALL);
    assertThatCode(() -> poor.compare(Direction.INBOUND, turned)).doesNotThrowAnyException();
    assertThatThrownBy(() -> poor.compare(Direction.OUTBOUND, turned)).isInstanceOf(Refused.class);
  }

  @Test
  void whoClaimsNotToOfferWhatRunsIsRefused() {
    assertThatThrownBy(() -> new Negotiated("/good", ALL).compare(Direction.INBOUND, List.of("/x")))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("nothing in common");
  }

  @Test
  void whoOffersNothingComparesNothing() {
    Negotiated silent = new Negotiated("/poor", List.of());
    assertThatCode(() -> silent.compare(Direction.OUTBOUND, ALL)).doesNotThrowAnyException();
  }
}
