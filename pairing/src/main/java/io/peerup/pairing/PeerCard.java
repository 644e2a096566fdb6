package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.libp2p.wire.SafeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What two devices tell each other once they know that they are the right ones: the payload of a
/// pairing run, of an invite link's drop and of its acknowledgement. A protobuf message; fields
/// that a later version adds are skipped, and so are addresses of kinds that we do not know.
///
/// @param name what the device calls itself
/// @param addresses where it can be dialled, at most 16
/// @param software name and version of the program, or empty
/// @param namespace the network it is in, empty for the default one; only an inviter says it
/// @param relays where its relays are, with their peer ids, at most 16; only an inviter says them
/// @param depositCapability what lets the other side leave messages for it, or empty
/// @param requiresSas whether both sides trust each other only once two people have compared a live
///   code; only an inviter says it
// The array is opaque to us and not compared by equals.
@SuppressWarnings("ArrayRecordComponent")
public record PeerCard(
    String name,
    List<Multiaddr> addresses,
    String software,
    String namespace,
    List<Multiaddr> relays,
    byte[] depositCapability,
    boolean requiresSas) {

  private static final int NAME = 1;
  private static final int ADDRESS = 2;
  private static final int SOFTWARE = 3;
  private static final int NAMESPACE = 4;
  private static final int RELAY = 5;
  // 6 is kept for the groups of which the inviter knows the signer.
  private static final int DEPOSIT_CAPABILITY = 7;
  private static final int REQUIRES_SAS = 8;

  public PeerCard {
    Names.check(name);
    addresses = List.copyOf(addresses);
    relays = List.copyOf(relays);
    depositCapability = depositCapability.clone();
    if (addresses.size() > Limits.CARD_ADDRESSES_MAX || relays.size() > Limits.CARD_ADDRESSES_MAX) {
      throw new MalformedInput("a card with too many addresses");
    }
    if (!software.isEmpty()) {
      SafeText.check(software, Limits.NAME_BYTES_MAX, "the software's name");
    }
    if (!namespace.isEmpty()) {
      Names.checkNamespace(namespace);
    }
    if (depositCapability.length > Limits.CAPABILITY_BYTES_MAX) {
      throw new MalformedInput("a deposit capability that is too long");
    }
  }

  /// A card that asks for no comparison.
  public PeerCard(
      String name,
      List<Multiaddr> addresses,
      String software,
      String namespace,
      List<Multiaddr> relays,
      byte[] depositCapability) {
    this(name, addresses, software, namespace, relays, depositCapability, false);
  }

  /// The same card, asking for a comparison or not.
  public PeerCard requiringSas(boolean required) {
    return new PeerCard(name, addresses, software, namespace, relays, depositCapability, required);
  }

  /// A card with a name, addresses and nothing else.
  public static PeerCard of(String name, List<Multiaddr> addresses) {
    return new PeerCard(name, addresses, "", "", List.of(), new byte[0]);
  }

  /// The private network's name, or empty for the default one.
  public Optional<String> network() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  /// The protobuf message. Throws [MalformedInput] if it is longer than a card may be.
  public byte[] encoded() {
    ProtoWriter out = new ProtoWriter().string(NAME, name);
    addresses.forEach(address -> out.bytes(ADDRESS, address.bytes()));
    if (!software.isEmpty()) {
      out.string(SOFTWARE, software);
    }
    if (!namespace.isEmpty()) {
      out.string(NAMESPACE, namespace);
    }
    relays.forEach(relay -> out.bytes(RELAY, relay.bytes()));
    if (depositCapability.length > 0) {
      out.bytes(DEPOSIT_CAPABILITY, depositCapability);
    }
    if (requiresSas) {
      out.uint(REQUIRES_SAS, 1);
    }
    return checkLength(out.toByteArray());
  }

  /// Reads a card. Throws [MalformedInput].
  public static PeerCard decode(byte[] encoded) {
    ProtoReader in = new ProtoReader(checkLength(encoded));
    String name = "";
    String software = "";
    String namespace = "";
    byte[] capability = new byte[0];
    boolean requiresSas = false;
    List<byte[]> addresses = new ArrayList<>();
    List<byte[]> relays = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case NAME -> name = in.string();
        case ADDRESS -> addresses.add(in.bytes());
        case SOFTWARE -> software = in.string();
        case NAMESPACE -> namespace = in.string();
        case RELAY -> relays.add(in.bytes());
        case DEPOSIT_CAPABILITY -> capability = in.bytes();
        // Whatever is not no asks for more.
        case REQUIRES_SAS -> requiresSas = in.uint() != 0;
        default -> in.skip();
      }
    }
    return new PeerCard(
        name, readable(addresses), software, namespace, readable(relays), capability, requiresSas);
  }

  private static List<Multiaddr> readable(List<byte[]> addresses) {
    if (addresses.size() > Limits.CARD_ADDRESSES_MAX) {
      throw new MalformedInput("a card with too many addresses");
    }
    List<Multiaddr> out = new ArrayList<>();
    for (byte[] address : addresses) {
      try {
        out.add(Multiaddr.fromBytes(address));
      } catch (MalformedInput e) {
        // Of a kind that we do not know, so we could not dial it anyway.
      }
    }
    return out;
  }

  private static byte[] checkLength(byte[] encoded) {
    if (encoded.length > Limits.CARD_BYTES_MAX) {
      throw new MalformedInput("a card of %d bytes is too long".formatted(encoded.length));
    }
    return encoded;
  }

  /// Without the capability.
  @Override
  public String toString() {
    return "PeerCard[name=%s, addresses=%s, relays=%s]".formatted(name, addresses, relays);
  }
}
