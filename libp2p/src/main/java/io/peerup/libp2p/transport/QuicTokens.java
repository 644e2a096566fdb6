package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.peerup.libp2p.KeyRandom;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Address validation with Retry (RFC 9000 section 8.1): where a newcomer is doubted, it must show
/// that it gets what we send to its address before we keep anything for it. The token is ours alone
/// to read: when, the connection id first used, and a MAC over both and the address. Nothing is
/// remembered.
final class QuicTokens implements QuicTokenHandler {

  private static final int MAC_BYTES = 16;
  private static final int TIME_BYTES = 8;

  private final SecretKeySpec key;
  private final LongSupplier nanoTime;
  private final Predicate<InetSocketAddress> doubts;

  /// @param doubts whether a newcomer from there must prove its address first
  QuicTokens(KeyRandom random, LongSupplier nanoTime, Predicate<InetSocketAddress> doubts) {
    this.key = new SecretKeySpec(random.bytes(32), "HmacSHA256");
    this.nanoTime = nanoTime;
    this.doubts = doubts;
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf originalId, InetSocketAddress address) {
    if (!doubts.test(address)) {
      return false;
    }
    byte[] id = new byte[originalId.readableBytes()];
    originalId.getBytes(originalId.readerIndex(), id);
    long now = nanoTime.getAsLong();
    out.writeBytes(mac(now, id, address)).writeLong(now).writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int idBytes = token.readableBytes() - MAC_BYTES - TIME_BYTES;
    if (idBytes < 0 || idBytes > QuicLimits.CONNECTION_ID_BYTES) {
      return -1;
    }
    byte[] mac = new byte[MAC_BYTES];
    byte[] id = new byte[idBytes];
    int at = token.readerIndex();
    token.getBytes(at, mac);
    long time = token.getLong(at + MAC_BYTES);
    token.getBytes(at + MAC_BYTES + TIME_BYTES, id);
    long age = nanoTime.getAsLong() - time;
    boolean good =
        MessageDigest.isEqual(mac, mac(time, id, address))
            && age >= 0
            && age <= QuicLimits.TOKEN_AGE_MAX.toNanos();
    return good ? MAC_BYTES + TIME_BYTES : -1;
  }

  @Override
  public int maxTokenLength() {
    return MAC_BYTES + TIME_BYTES + QuicLimits.CONNECTION_ID_BYTES;
  }

  private byte[] mac(long time, byte[] id, InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    byte[] message =
        ByteBuffer.allocate(TIME_BYTES + 2 + ip.length + id.length)
            .putLong(time)
            .putShort((short) address.getPort())
            .put(ip)
            .put(id)
            .array();
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return Arrays.copyOf(mac.doFinal(message), MAC_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has HMAC", e);
    }
  }
}
