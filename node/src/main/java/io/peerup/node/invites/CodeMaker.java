package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.FullCode;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.RelayHost;
import io.peerup.pairing.SpokenCode;
import io.peerup.pairing.TypedCode;
import io.peerup.pairing.rendezvous.Selector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Makes the codes of invites: what the inviter reads out, writes down or sends, and the secret in
/// it. No clock and no sockets: where an invite waits, [Place] opens.
final class CodeMaker {

  /// Numbers of spoken codes that no relay gave out.
  private static final int NUMBER_MIN = 10_000;

  private static final int NUMBER_MAX = 100_000;

  /// The relay at which an invite will wait.
  interface Place {

    /// Where it is, with its peer id.
    Multiaddr address();

    /// Opens an invite there, under the selector that the relay allots if none is given. Returns
    /// the selector.
    Selector open(Optional<Selector> selector);
  }

  /// A fresh code. Both parts are secret.
  ///
  /// @param text for the person it is meant for
  /// @param secret the caller's to wipe
  record Code(String text, PairingSecret secret) {

    /// By what a joiner looks for it.
    Selector selector() {
      return Selector.of(secret.kind(), secret.selector());
    }

    @Override
    public String toString() {
      return "Code[redacted]";
    }
  }

  private final PeerId self;
  private final Supplier<String> network;
  private final KeyRandom random;

  /// @param network the network in force
  CodeMaker(PeerId self, Supplier<String> network, KeyRandom random) {
    this.self = self;
    this.network = network;
    this.random = random;
  }

  /// A code for an invite that waits at `place`, or on the local network only. Takes a third of a
  /// second for short codes.
  ///
  /// @param end when the invite is over
  /// @throws Failure `no-relay`: a short code cannot say where the place is
  Code make(Invites.Form form, Instant end, Optional<Place> place) {
    return switch (form) {
      case TYPED -> typed(place);
      case SPOKEN -> spoken(place);
      case FULL -> full(end, place);
    };
  }

  /// What a short code says of the relay.
  private static String where(Optional<Place> place) {
    if (place.isEmpty()) {
      return "";
    }
    Multiaddr address = place.get().address();
    try {
      return "@" + RelayHost.of(address).text(PairingCode.RELAY_PORT);
    } catch (MalformedInput notTcp) {
      throw new Failure(
          "no-relay",
          "a short code names a relay's TCP address, and this device knows only " + address,
          "make a code that holds any address: `peerup invite --full`",
          notTcp);
    }
  }

  private Code typed(Optional<Place> place) {
    String where = where(place);
    TypedCode code = TypedCode.generate(random);
    place.ifPresent(
        each -> each.open(Optional.of(Selector.ofText(Selector.TYPED, code.selector()))));
    return new Code(code.text() + where, code.secret());
  }

  private Code spoken(Optional<Place> place) {
    String where = where(place);
    SpokenCode code =
        SpokenCode.generate(
            place.map(each -> text(each.open(Optional.empty()))).orElseGet(this::number), random);
    return new Code(code.text() + where, code.secret());
  }

  private static String text(Selector nameplate) {
    return new String(nameplate.bytes(), StandardCharsets.US_ASCII);
  }

  /// A number of five digits: those that relays give out are mostly shorter, so a joiner that asks
  /// its relay first does not find somebody else's invite there.
  private String number() {
    byte[] dice = random.bytes(Integer.BYTES);
    return String.valueOf(
        NUMBER_MIN
            + Integer.remainderUnsigned(ByteBuffer.wrap(dice).getInt(), NUMBER_MAX - NUMBER_MIN));
  }

  private Code full(Instant end, Optional<Place> place) {
    List<Multiaddr> relays = place.map(Place::address).stream().toList();
    FullCode code =
        FullCode.generate(self, relays, network.get(), end.truncatedTo(ChronoUnit.SECONDS), random);
    Code made = new Code(code.text(), code.secret());
    place.ifPresent(each -> each.open(Optional.of(made.selector())));
    return made;
  }
}
