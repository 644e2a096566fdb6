package io.peerup.libp2p.identify;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerRecord;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.libp2p.wire.SafeText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One identify message, merged from its frames: repeated fields append, of others the last wins.
/// An absent field in a push means "as before".
///
/// @param key the sender's key, still to be compared with the connection's
/// @param listenAddresses where it listens, at most [Limits#ADDRESSES_MAX]
/// @param protocols what it serves, at most [Limits#PROTOCOLS_MAX]
/// @param observedAddress where the sender sees us
/// @param protocolVersion informational, cut at [Limits#TEXT_MAX] characters
/// @param agentVersion informational, cut likewise
/// @param signedRecord the content of the signed peer record, its signature checked; one that is
///   malformed or of another form is left out
public record IdentifyMessage(
    Optional<PublicKey> key,
    List<Multiaddr> listenAddresses,
    List<String> protocols,
    Optional<Multiaddr> observedAddress,
    Optional<String> protocolVersion,
    Optional<String> agentVersion,
    Optional<PeerRecord> signedRecord) {

  public IdentifyMessage {
    listenAddresses = List.copyOf(listenAddresses);
    protocols = List.copyOf(protocols);
  }

  /// The frames to send: everything in one if it fits, else the signed record in a second one. The
  /// first is at most [Limits#FIRST_FRAME_BYTES_MAX] bytes and complete without the second, because
  /// some implementations read only one; addresses, then protocols, are left out from the end until
  /// it fits.
  ///
  /// @param envelope the sealed peer record, or an empty array to send none
  public List<byte[]> encode(byte[] envelope) {
    byte[] record =
        envelope.length == 0 ? envelope : new ProtoWriter().bytes(8, envelope).toByteArray();
    List<Multiaddr> addresses = new ArrayList<>(listenAddresses);
    List<String> names = new ArrayList<>(protocols);
    byte[] first = encodeFields(addresses, names);
    while (first.length > Limits.FIRST_FRAME_BYTES_MAX
        && !(addresses.isEmpty() && names.isEmpty())) {
      if (addresses.size() > 1 || names.isEmpty()) {
        addresses.removeLast();
      } else {
        names.removeLast();
      }
      first = encodeFields(addresses, names);
    }
    if (record.length == 0) {
      return List.of(first);
    }
    if (first.length + record.length <= Limits.FIRST_FRAME_BYTES_MAX) {
      byte[] all = Arrays.copyOf(first, first.length + record.length);
      System.arraycopy(record, 0, all, first.length, record.length);
      return List.of(all);
    }
    return List.of(first, record);
  }

  private byte[] encodeFields(List<Multiaddr> addresses, List<String> names) {
    ProtoWriter out = new ProtoWriter();
    key.ifPresent(value -> out.bytes(1, value.encoded()));
    addresses.forEach(address -> out.bytes(2, address.bytes()));
    names.forEach(name -> out.string(3, name));
    observedAddress.ifPresent(address -> out.bytes(4, address.bytes()));
    protocolVersion.ifPresent(text -> out.string(5, text));
    agentVersion.ifPresent(text -> out.string(6, text));
    return out.toByteArray();
  }

  /// Merges frames to one message. Not thread-safe.
  public static final class Decoder {
    private Optional<PublicKey> key = Optional.empty();
    private final List<Multiaddr> addresses = new ArrayList<>();
    private final List<String> protocols = new ArrayList<>();
    private Optional<Multiaddr> observed = Optional.empty();
    private Optional<String> protocolVersion = Optional.empty();
    private Optional<String> agentVersion = Optional.empty();
    private Optional<PeerRecord> record = Optional.empty();
    private int frames;

    /// Takes the next frame. Throws [MalformedInput] if it is not protobuf, its key is not a key,
    /// or it is one too many.
    public void add(byte[] frame) {
      if (++frames > Limits.FRAMES_MAX) {
        throw new MalformedInput("identify message of more than " + Limits.FRAMES_MAX + " frames");
      }
      ProtoReader in = new ProtoReader(frame);
      while (in.next()) {
        switch (in.field()) {
          case 1 -> key = Optional.of(PublicKey.decode(in.bytes()));
          case 2 -> addAddress(in.bytes());
          case 3 -> addProtocol(in.bytes());
          case 4 -> observed = address(in.bytes());
          case 5 -> protocolVersion = Optional.of(text(in.bytes()));
          case 6 -> agentVersion = Optional.of(text(in.bytes()));
          case 8 -> record = record(in.bytes());
          default -> in.skip();
        }
      }
    }

    public IdentifyMessage message() {
      return new IdentifyMessage(
          key, addresses, protocols, observed, protocolVersion, agentVersion, record);
    }

    private void addAddress(byte[] bytes) {
      if (addresses.size() < Limits.ADDRESSES_MAX) {
        address(bytes).ifPresent(addresses::add);
      }
    }

    private void addProtocol(byte[] bytes) {
      if (protocols.size() < Limits.PROTOCOLS_MAX && bytes.length <= Limits.PROTOCOL_BYTES_MAX) {
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (name.codePoints().allMatch(SafeText::isPrintable)) {
          protocols.add(name);
        }
      }
    }

    /// An address of a kind unknown here is left out; the others stand.
    private static Optional<Multiaddr> address(byte[] bytes) {
      try {
        return Optional.of(Multiaddr.fromBytes(bytes));
      } catch (MalformedInput e) {
        return Optional.empty();
      }
    }

    /// Texts end up in terminals and logs: what could move a cursor or turn a line is replaced.
    private static String text(byte[] bytes) {
      StringBuilder out = new StringBuilder();
      new String(bytes, StandardCharsets.UTF_8)
          .codePoints()
          .limit(Limits.TEXT_MAX)
          .map(letter -> SafeText.isPrintable(letter) ? letter : '?')
          .forEach(out::appendCodePoint);
      return out.toString();
    }

    /// Other stacks put other record forms here; that is no error, their plain addresses count.
    private static Optional<PeerRecord> record(byte[] bytes) {
      try {
        return Optional.of(PeerRecord.fromEnvelope(bytes));
      } catch (MalformedInput e) {
        return Optional.empty();
      }
    }
  }
}
