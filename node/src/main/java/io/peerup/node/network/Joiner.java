package io.peerup.node.network;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.node.peers.NodeGater;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.PairMessages;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Joins a group: dials the relay that a code pins, hands over the request, checks the answer.
/// Blocks.
public final class Joiner {

  private final Host host;
  private final PrivateKey identity;
  private final NodeGater gater;
  private final KeyRandom keyRandom;
  private final RandomGenerator chance;

  public Joiner(
      Host host,
      PrivateKey identity,
      NodeGater gater,
      KeyRandom keyRandom,
      RandomGenerator chance) {
    this.host = host;
    this.identity = identity;
    this.gater = gater;
    this.keyRandom = keyRandom;
    this.chance = chance;
  }

  /// What the relay let us into, and the live connection to it.
  public record Joined(GroupJoin.Result.Joined group, Connection relay) {}

  /// Joins under this name.
  ///
  /// @param settle given what the relay let us into, while the connection to it is still ours to
  ///   keep: must write down the group and make the relay known; its failures end the join
  /// @throws Failure `bad-name`; `relay-unreachable`; `wrong-relay`; `pairing-failed`, which is all
  ///   that is said of any refused code; `bad-answer`; what `settle` throws
  public Joined join(GroupCode code, String name, Consumer<Joined> settle) {
    GroupJoin machine = prepare(code, name);
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(code, machine, settle);
      } catch (Dropped e) {
        if (attempt == Limits.ATTEMPTS) {
          throw pairingFailed(e);
        }
        pause(attempt);
      }
    }
  }

  private GroupJoin prepare(GroupCode code, String name) {
    try {
      return new GroupJoin(code, identity, name, keyRandom);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-name",
          e.getMessage() == null ? "this name cannot be used" : e.getMessage(),
          e.hint().isEmpty() ? "choose another one: --name laptop" : e.hint(),
          e);
    }
  }

  private Joined attempt(GroupCode code, GroupJoin machine, Consumer<Joined> settle)
      throws Dropped {
    Connection relay = dial(code);
    PeerId relayId = relay.remotePeer();
    boolean joined = false;
    try {
      Joined result = new Joined(ask(relay, machine), relay);
      settle.accept(result);
      joined = true;
      return result;
    } finally {
      gater.endJoining(relayId);
      if (!joined || isSpare(relay)) {
        relay.close();
      }
    }
  }

  /// Whether an earlier connection to the same relay lives: one is enough.
  private boolean isSpare(Connection connection) {
    return host.connections(connection.remotePeer()).stream()
        .anyMatch(each -> each.isOpen() && each.relay().isEmpty() && each.id() < connection.id());
  }

  private static GroupJoin.Result.Joined ask(Connection relay, GroupJoin machine) throws Dropped {
    byte[] answer;
    try (Stream stream = relay.openStream(List.of(PairMessages.PAIR_PROTOCOL), Limits.DIALOGUE)) {
      stream.deadline(Limits.DIALOGUE);
      stream.writeFrame(machine.request());
      stream.closeWrite();
      answer = stream.readFrame(Limits.ANSWER_BYTES_MAX);
    } catch (DeadlineExceeded e) {
      throw pairingFailed(e);
    } catch (OverlayException e) {
      throw new Dropped(e);
    }
    try {
      return switch (machine.finish(relay.remotePeer(), answer)) {
        case GroupJoin.Result.Joined joined -> joined;
        case GroupJoin.Result.Failed _ -> throw pairingFailed(null);
      };
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-answer",
          "the relay's answer cannot be read: " + e.getMessage(),
          "the relay may run another version of peerup",
          e);
    }
  }

  private Connection dial(GroupCode code) throws Dropped {
    AtomicReference<PeerId> pinned = new AtomicReference<>();
    AtomicBoolean stranger = new AtomicBoolean();
    try {
      return host.connect(
          code.relay().multiaddr(),
          peer -> {
            if (!code.pins(peer)) {
              stranger.set(true);
              return false;
            }
            pinned.set(peer);
            gater.startJoining(peer);
            return true;
          },
          Limits.DIAL);
    } catch (OverlayException e) {
      if (pinned.get() != null) {
        gater.endJoining(pinned.get());
        throw new Dropped(e);
      }
      if (stranger.get()) {
        throw new Failure(
            "wrong-relay",
            "the relay at " + code.relay().multiaddr() + " is not the one that made this code",
            "check with the relay's owner that it still runs there with the same identity",
            e);
      }
      throw unreachable(code, e);
    }
  }

  private static Failure unreachable(GroupCode code, OverlayException why) {
    String address = code.relay().multiaddr().toString();
    String reason = String.valueOf(why.getMessage()).replace(address + ": ", "");
    return why instanceof ProtocolViolation || why instanceof MalformedInput
        ? new Failure(
            "relay-unreachable",
            "what answers at " + address + " is not a peerup relay: " + reason,
            "another program may run at that address now; ask the relay's owner",
            why)
        : new Failure(
            "relay-unreachable",
            "cannot reach the relay at " + address + ": " + reason,
            "check that this device is online and that the relay runs (`peerup relay info` there)",
            why);
  }

  /// The same for every cause, as the relay's own answer is: a stranger learns nothing from it.
  private static Failure pairingFailed(@Nullable Throwable cause) {
    return new Failure(
        "pairing-failed",
        "pairing failed",
        "the code may be mistyped, used, expired or revoked, or too many devices pair from this"
            + " address at once; try again in a minute, then ask the relay's owner for a new code",
        cause);
  }

  private void pause(int attempt) {
    long millis = Limits.ATTEMPT_PAUSE.toMillis();
    LockSupport.parkNanos(
        TimeUnit.MILLISECONDS.toNanos(millis * attempt + chance.nextLong(millis)));
  }

  /// The relay hung up before it answered.
  private static final class Dropped extends Exception {
    private static final long serialVersionUID = 1L;

    Dropped(OverlayException cause) {
      super(cause);
    }
  }
}
