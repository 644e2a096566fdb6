package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds a peer by what a person types: its whole peer id, its name, or a beginning of the id that
/// only it has, in this order: no name can stand in the way of an id.
public final class PeerDirectory {

  /// The common beginning of Ed25519 ids and some characters more: shorter prefixes are typing
  /// errors.
  private static final int PREFIX_LENGTH_MIN = 12;

  /// What is this long and begins so was meant as an id, whatever became of it.
  private static final String ID_BEGIN = "12D3KooW";

  private static final int ID_LENGTH_MIN = 50;

  private final Supplier<AuthorizedKeys> keys;

  public PeerDirectory(Supplier<AuthorizedKeys> keys) {
    this.keys = keys;
  }

  private List<AuthorizedPeer> all() {
    return keys.get().peers();
  }

  /// An authorised peer.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`
  public AuthorizedPeer find(String typed) {
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

  /// Anybody: who is typed as a whole id need not be known.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, `bad-peer-id`
  public PeerId anybody(String typed) {
    return anybody(typed, BlockedPeers.empty());
  }

  /// Anybody: who is typed as a whole id need not be known, and blocked peers have names, too.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, `bad-peer-id`
  PeerId anybody(String typed, BlockedPeers blocked) {
    Optional<PeerId> id = parse(typed);
    if (id.isPresent()) {
      return id.get();
    }
    if (typed.length() >= ID_LENGTH_MIN && typed.startsWith(ID_BEGIN)) {
      return id(typed);
    }
    List<PeerId> named =
        blocked.peers().stream()
            .filter(peer -> keys.get().find(peer).isEmpty())
            .filter(peer -> blocked.name(peer).equals(Optional.of(typed)))
            .toList();
    boolean authorized = all().stream().anyMatch(each -> each.name().equals(typed));
    if (named.isEmpty() || (named.size() == 1 && !authorized)) {
      return named.isEmpty() ? find(typed).peer() : named.getFirst();
    }
    throw new Failure(
        "ambiguous-peer",
        "several peers are called `" + Printable.of(typed) + "`, blocked ones included",
        "name the peer by its id; see: peerup peer list --blocked");
  }

  /// @throws Failure `bad-peer-id`
  static PeerId id(String typed) {
    try {
      return PeerId.parse(typed);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-peer-id",
          "`" + Printable.of(typed) + "` is not a peer id: " + e.getMessage(),
          "a peer id looks like 12D3KooW…; the device tells its own: peerup whoami",
          e);
    }
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
