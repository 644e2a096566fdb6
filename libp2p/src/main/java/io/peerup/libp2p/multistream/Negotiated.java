package io.peerup.libp2p.multistream;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Refused;
import java.util.List;
import java.util.Optional;

/// The security protocol that was agreed on, and what this side had offered. They were agreed on in
/// the open, where anybody on the way can rewrite a proposal or an answer; inside the protocol both
/// sides tell each other what they offer, and compare.
///
/// @param taken the id that runs
/// @param offered what we offer, best first; empty: we neither tell it nor compare
public record Negotiated(String taken, List<String> offered) {

  public Negotiated {
    offered = List.copyOf(offered);
  }

  /// Throws [Refused] if the two sides should have agreed on something else.
  ///
  /// @param direction who dialled, whose order it is that counts
  /// @param theirs what the other side offers, best first
  public void compare(Direction direction, List<String> theirs) {
    if (offered.isEmpty()) {
      return;
    }
    boolean dialled = direction == Direction.OUTBOUND;
    Optional<String> best = dialled ? first(offered, theirs) : first(theirs, offered);
    if (!best.equals(Optional.of(taken))) {
      throw new Refused(
          "both sides speak "
              + best.map(Tokens::shown).orElse("nothing in common")
              + ", yet "
              + taken
              + " was agreed on: somebody on the way has changed the negotiation",
          "try another network, or find out who is between the two");
    }
  }

  private static Optional<String> first(List<String> dialler, List<String> listener) {
    return dialler.stream().filter(listener::contains).findFirst();
  }
}
