package io.peerup.pairing.mailbox;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Peers, capabilities and messages by number.
final class Post {

  private static final Map<Integer, PeerId> PEERS = new ConcurrentHashMap<>();

  private Post() {}

  static PeerId peer(int number) {
    return PEERS.computeIfAbsent(number, Post::newPeer);
  }

  private static PeerId newPeer(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    seed[1] = (byte) (number >>> 8);
    return PrivateKey.ofEd25519Seed(seed).peerId();
  }

  static byte[] capability(int number) {
    byte[] capability = new byte[Limits.CAPABILITY_BYTES];
    Arrays.fill(capability, (byte) 7);
    capability[0] = (byte) number;
    capability[1] = (byte) (number >>> 8);
    return capability;
  }

  static CapabilityHash hash(int number) {
    return CapabilityHash.of(capability(number));
  }

  static MailboxMessages.Deposit deposit(int capability, byte[] message) {
    return new MailboxMessages.Deposit(capability(capability), message, Optional.empty());
  }

  static MailboxMessages.Deposit deposit(int capability, String message) {
    return deposit(capability, message.getBytes(StandardCharsets.UTF_8));
  }

  static MailboxMessages.Deposit deposit(int capability, String message, int reply) {
    return new MailboxMessages.Deposit(
        capability(capability), message.getBytes(StandardCharsets.UTF_8), Optional.of(hash(reply)));
  }
}
