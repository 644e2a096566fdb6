package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.pairing.Names;
import java.util.List;
import java.util.Optional;

/// What this device got by pairing: how it calls itself, the network that it is in, and relays.
/// Thread-safe; what changes it is on disk when it returns.
public final class Adopted {

  private final InviteStore store;

  public Adopted(InviteStore store) {
    this.store = store;
  }

  /// The network that a code brought the node of this home into, for commands while nothing runs
  /// it.
  ///
  /// @throws Failure `state-damaged`
  public static Optional<String> networkOf(Home home) {
    return new InviteStore(home, KeyRandom.secure()).network();
  }

  /// What this device called itself when it last paired with a code.
  public Optional<String> name() {
    synchronized (store) {
      return store.name();
    }
  }

  /// The network that a code brought this device into, if one did.
  public Optional<String> network() {
    synchronized (store) {
      return store.network();
    }
  }

  /// Relays that codes brought, with their peer ids.
  public List<Multiaddr> relays() {
    synchronized (store) {
      return store.relays();
    }
  }

  /// From now on this device is in this network, whatever its groups and its configuration say.
  public void moveTo(String network) {
    synchronized (store) {
      store.adopt(network, List.of());
      store.save();
    }
  }

  /// What a pairing brings to the device that joined.
  void settle(String ownName, String network, List<Multiaddr> more) {
    synchronized (store) {
      store.call(ownName);
      store.adopt(network, more);
      store.save();
    }
  }

  /// What this device calls itself from now on.
  void call(String name) {
    synchronized (store) {
      store.call(name);
      store.save();
    }
  }

  /// @throws Failure `bad-name`
  static void checkName(String name) {
    try {
      Names.check(name);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-name",
          String.valueOf(e.getMessage()),
          e.hint().isEmpty() ? "choose another one: --name home" : e.hint(),
          e);
    }
  }
}
