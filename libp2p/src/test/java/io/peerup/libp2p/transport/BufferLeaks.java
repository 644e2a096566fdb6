package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Collects what Netty's leak detector finds.
public final class BufferLeaks {

  private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

  private BufferLeaks() {}

  /// From now on.
  public static void watch() {
    ByteBufUtil.setLeakListener((type, records) -> FOUND.add(type + " " + records));
  }

  public static void assertNone() {
    assertThat(FOUND).as("network buffers that were never released").isEmpty();
  }
}
