package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.peerup.libp2p.KeyRandom;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QuicTokensTest {

  private static final InetSocketAddress HERE = at("192.0.2.1", 1000);
  private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final QuicTokens tokens = new QuicTokens(KeyRandom.secure(), now::get, _ -> true);

  private static InetSocketAddress at(String ip, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
  }

  private ByteBuf token() {
    ByteBuf out = Unpooled.buffer();
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(ID), HERE)).isTrue();
    assertThat(out.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    return out;
  }

  @Test
  void aTokenIsGoodForItsAddressAndATime() {
    ByteBuf token = token();
    int at = tokens.validateToken(token, HERE);
    assertThat(token.slice(at, token.readableBytes() - at)).isEqualTo(Unpooled.wrappedBuffer(ID));
    assertThat(tokens.validateToken(token, at("192.0.2.2", 1000))).isEqualTo(-1);
    assertThat(tokens.validateToken(token, at("192.0.2.1", 1001))).isEqualTo(-1);
    now.addAndGet(QuicLimits.TOKEN_AGE_MAX.toNanos());
    assertThat(tokens.validateToken(token, HERE)).isNotNegative();
    now.addAndGet(1);
    assertThat(tokens.validateToken(token, HERE)).isEqualTo(-1);
  }

  @Test
  void aTokenThatWasTamperedWithOrIsOfAnotherHostIsRefused() {
    ByteBuf token = token();
    for (int i = 0; i < token.readableBytes() * 8; i++) {
      ByteBuf bent = token.copy();
      bent.setByte(i / 8, bent.getByte(i / 8) ^ (1 << (i % 8)));
      assertThat(tokens.validateToken(bent, HERE)).as("bit %s", i).isEqualTo(-1);
    }
    for (int length = 0; length < token.readableBytes(); length++) {
      assertThat(tokens.validateToken(token.slice(0, length), HERE)).isEqualTo(-1);
    }
    assertThat(tokens.validateToken(Unpooled.wrappedBuffer(new byte[100]), HERE)).isEqualTo(-1);
    QuicTokens other = new QuicTokens(KeyRandom.secure(), now::get, _ -> true);
    assertThat(other.validateToken(token, HERE)).isEqualTo(-1);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(QuicLimits.TOKEN_AGE_MAX.toNanos())).isPositive();
  }

  @Test
  void whoIsNotDoubtedIsAskedForNone() {
    QuicTokens trusting = new QuicTokens(KeyRandom.secure(), now::get, _ -> false);
    ByteBuf out = Unpooled.buffer();
    assertThat(trusting.writeToken(out, Unpooled.wrappedBuffer(ID), HERE)).isFalse();
    assertThat(out.isReadable()).isFalse();
  }
}
