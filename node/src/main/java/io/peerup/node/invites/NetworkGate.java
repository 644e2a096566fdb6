package io.peerup.node.invites;

import io.peerup.control.Failure;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Whether the user wants to be where a code or link leads, asked before anything is written. A
/// node that is in no network yet goes wherever the first one leads; one that is in another moves
/// when it is told the name of the new one.
public final class NetworkGate {

  private final Supplier<String> network;
  private final BooleanSupplier anywhere;

  /// @param network the network in force
  /// @param anywhere whether nothing brought this node into it, not even the default one
  public NetworkGate(Supplier<String> network, BooleanSupplier anywhere) {
    this.network = network;
    this.anywhere = anywhere;
  }

  /// @param accepted the network that the user named
  /// @throws Failure `other-network`
  public void check(String theirs, Optional<String> accepted) {
    String ours = network.get();
    boolean fresh = anywhere.getAsBoolean() && ours.isEmpty();
    if (accepted.isPresent() ? accepted.get().equals(theirs) : fresh || theirs.equals(ours)) {
      return;
    }
    String belongs =
        accepted.isPresent()
            ? "only " + describe(accepted.get()) + " was accepted"
            : "this node belongs to " + describe(ours);
    throw new Failure(
            "other-network",
            "the code is for " + describe(theirs) + ", but " + belongs,
            "to move this node there: peerup join CODE --network "
                + (theirs.isEmpty() ? "\"\"" : theirs)
                + "; to be in both, use another home: peerup join CODE --home DIR")
        .with("network", theirs)
        .with("current", ours);
  }

  private static String describe(String name) {
    return name.isEmpty() ? "the default network" : "the network `" + name + "`";
  }
}
