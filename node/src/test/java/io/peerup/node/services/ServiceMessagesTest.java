package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;
import io.peerup.node.services.ServiceMessages.Status;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ServiceMessagesTest {

  @Test
  void aRequestHasTheseBytes() {
    byte[] bytes = ServiceMessages.encode(new ServiceRequest(Kind.CONNECT, "web"));
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("010103776562");
    assertThat(ServiceMessages.decodeRequest(bytes))
        .isEqualTo(new ServiceRequest(Kind.CONNECT, "web"));
  }

  @Test
  void everyStatusComesBack() {
    for (Status status : Status.values()) {
      ServiceReply reply = new ServiceReply(status, "why");
      assertThat(ServiceMessages.decodeReply(ServiceMessages.encode(reply))).isEqualTo(reply);
    }
  }

  @Test
  void aStatusOfALaterVersionIsOther() {
    assertThat(ServiceMessages.decodeReply(new byte[] {1, 77, 0}).status()).isEqualTo(Status.OTHER);
  }

  @Test
  void everyTruncationAndEveryTrailingByteIsRefused() {
    byte[] bytes = ServiceMessages.encode(new ServiceRequest(Kind.CHECK, "web"));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> ServiceMessages.decodeRequest(cut))
          .isInstanceOf(MalformedInput.class);
    }
    assertThatThrownBy(() -> ServiceMessages.decodeRequest(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void randomBytesNeverDoWorseThanMalformed() {
    long seed = Long.getLong("seed", 7L);
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = 1;
      }
      try {
        ServiceMessages.decodeRequest(bytes);
      } catch (MalformedInput expected) {
        // What a decoder may say.
      }
      try {
        ServiceMessages.decodeReply(bytes);
      } catch (MalformedInput expected) {
        // What a decoder may say.
      }
    }
  }
}
