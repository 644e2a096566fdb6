package io.peerup.libp2p.tls;

import io.peerup.libp2p.transport.BoringSslTls;
import java.util.function.Supplier;

/// Those that a host may have.
public enum Implementation implements Supplier<TlsImplementation> {
  JDK,
  BORING_SSL;

  @Override
  public TlsImplementation get() {
    return this == JDK ? new JdkTls() : new BoringSslTls();
  }
}
