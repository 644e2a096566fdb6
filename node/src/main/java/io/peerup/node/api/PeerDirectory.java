package io.peerup.node.api;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedPeer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds a peer by what a person types: its whole peer id, its name, or a beginning of the id that
/// only it has, in this order: no name can stand in the way of an id.
final class PeerDirectory {

  /// The common beginning of Ed25519 ids and some characters more: shorter prefixes are typing
  /// errors.
  private static final int PREFIX_LENGTH_MIN = 12;

  private final Supplier<AuthorizedKeys> keys;

  PeerDirectory(Supplier<AuthorizedKeys> keys) {
    this.keys = keys;
  }

  List<AuthorizedPeer> all() {
    return keys.get().peers();
  }

  /// @throws Failure `no-such-peer`, `ambiguous-peer`
  AuthorizedPeer find(String typed) {
    Optional<AuthorizedPeer> byId = parse(typed).flatMap(id -> keys.get().find(id));
    if (byId.isPresent()) {
      return byId.get();
    }
    List<AuthorizedPeer> byName = all().stream().filter(each -> each.name().equals(typed)).toList();
    if (byName.size() == 1) {
      return byName.getFirst();
    }
    if (byName.size() > 1) {
      throw new Failure(
          "ambiguous-peer",
          byName.size() + " peers are called `" + Printable.of(typed) + "`",
          "name the peer by its id, and rename one: peerup peer rename PEER-ID NAME");
    }
    List<AuthorizedPeer> byPrefix =
        typed.length() < PREFIX_LENGTH_MIN
            ? List.of()
            : all().stream().filter(each -> each.peer().toString().startsWith(typed)).toList();
    if (byPrefix.size() == 1) {
      return byPrefix.getFirst();
    }
    if (byPrefix.size() > 1) {
      throw new Failure(
          "ambiguous-peer",
          byPrefix.size() + " peer ids begin with `" + Printable.of(typed) + "`",
          "type more of the id");
    }
    throw new Failure(
        "no-such-peer",
        "no authorised peer is called `" + Printable.of(typed) + "`",
        all().isEmpty()
            ? "this device has no peers yet: peerup join CODE"
            : "there are: " + names() + "; see: peerup peers");
  }

  private String names() {
    return String.join(", ", all().stream().map(AuthorizedPeer::name).sorted().limit(20).toList());
  }

  private static Optional<PeerId> parse(String typed) {
    try {
      return Optional.of(PeerId.parse(typed));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }
}
