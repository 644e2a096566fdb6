package io.peerup.libp2p;

import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a peer says about its own addresses (libp2p specs, RFC 0003), in the form that go-libp2p
/// and js-libp2p deployed: domain `libp2p-peer-record`, payload type `03 01`.
///
/// @param peer whose addresses
/// @param seq unsigned; a higher one replaces a lower one
/// @param addresses without a trailing `/p2p/<peer>`; at most 128
public record PeerRecord(PeerId peer, long seq, List<Multiaddr> addresses) {

  private static final String DOMAIN = "libp2p-peer-record";

  /// The two raw bytes, not a varint of 0x0301.
  private static final byte[] PAYLOAD_TYPE = {0x03, 0x01};

  public PeerRecord {
    addresses = List.copyOf(addresses);
    if (addresses.size() > Limits.PEER_RECORD_ADDRESSES_MAX) {
      throw new IllegalArgumentException("peer record with " + addresses.size() + " addresses");
    }
  }

  /// The record signed by its own peer.
  ///
  /// @throws IllegalArgumentException if the key is another peer's or the record is too long
  public SignedEnvelope toEnvelope(PrivateKey key) {
    if (!peer.matches(key.publicKey())) {
      throw new IllegalArgumentException("the key does not belong to " + peer);
    }
    return SignedEnvelope.seal(key, DOMAIN, PAYLOAD_TYPE, encode());
  }

  /// The payload that is signed.
  byte[] encode() {
    ProtoWriter out = new ProtoWriter().bytes(1, peer.bytes()).uint(2, seq);
    for (Multiaddr address : addresses) {
      out.message(3, new ProtoWriter().bytes(1, address.bytes()));
    }
    return out.toByteArray();
  }

  /// Parses a signed record and checks that the peer it speaks of signed it. Addresses that are
  /// malformed, unknown or another peer's are left out. Throws [MalformedInput].
  public static PeerRecord fromEnvelope(byte[] encoded) {
    SignedEnvelope envelope = SignedEnvelope.open(encoded, DOMAIN, PAYLOAD_TYPE);
    return decode(envelope.payload(), envelope.key());
  }

  /// The record in a payload that `signer` signed. Throws [MalformedInput].
  static PeerRecord decode(byte[] payload, PublicKey signer) {
    @Nullable PeerId peer = null;
    long seq = 0;
    List<byte[]> raw = new ArrayList<>();
    ProtoReader in = new ProtoReader(payload);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> peer = PeerId.fromBytes(in.bytes());
        case 2 -> seq = in.uint();
        case 3 -> raw.add(addressField(in.bytes()));
        default -> in.skip();
      }
    }
    // RFC 0003: the record's peer must be the envelope's signer (RUSTSEC-2022-0009 missed this).
    if (peer == null || !peer.matches(signer)) {
      throw new MalformedInput("peer record is not signed by the peer it speaks of");
    }
    return new PeerRecord(peer, seq, ownAddresses(raw, peer));
  }

  /// True if this record replaces the other one of the same peer.
  public boolean isNewerThan(PeerRecord other) {
    return Long.compareUnsigned(seq, other.seq) > 0;
  }

  private static byte[] addressField(byte[] addressInfo) {
    byte[] address = new byte[0];
    ProtoReader in = new ProtoReader(addressInfo);
    while (in.next()) {
      if (in.field() == 1) {
        address = in.bytes();
      } else {
        in.skip();
      }
    }
    return address;
  }

  private static List<Multiaddr> ownAddresses(List<byte[]> raw, PeerId peer) {
    return raw.stream()
        .limit(Limits.PEER_RECORD_ADDRESSES_MAX)
        .flatMap(bytes -> ownAddress(bytes, peer).stream())
        .distinct()
        .toList();
  }

  private static Optional<Multiaddr> ownAddress(byte[] bytes, PeerId peer) {
    Multiaddr address;
    try {
      address = Multiaddr.fromBytes(bytes);
    } catch (MalformedInput unknown) {
      // One strange address does not spoil the others: newer peers know more protocols.
      return Optional.empty();
    }
    boolean foreign = address.peer().filter(named -> !named.equals(peer)).isPresent();
    Multiaddr bare = address.withoutPeer();
    return foreign || bare.components().isEmpty() ? Optional.empty() : Optional.of(bare);
  }
}
