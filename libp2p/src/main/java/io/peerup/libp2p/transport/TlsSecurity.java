package io.peerup.libp2p.transport;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.tls.RecordReader;
import io.peerup.libp2p.tls.TlsEngine;
import io.peerup.libp2p.tls.TlsKeys;
import java.util.List;
import java.util.Optional;

/// TLS over pipes.
public final class TlsSecurity implements Security {

  private final TlsKeys keys;
  private final List<String> muxers;

  /// Agrees on the muxer within the handshake, where the peer can.
  public TlsSecurity(TlsKeys keys) {
    this(keys, List.of(Upgrade.YAMUX));
  }

  TlsSecurity(TlsKeys keys, List<String> muxers) {
    this.keys = keys;
    this.muxers = muxers;
  }

  @Override
  public String id() {
    return Upgrade.TLS;
  }

  @Override
  public Handshake handshake(Duplex pipe, Direction direction, PeerExpectation expected) {
    return new Running(
        pipe,
        direction == Direction.OUTBOUND
            ? keys.client(expected, muxers)
            : keys.server(expected, muxers));
  }

  @Override
  public void destroy() {
    keys.destroy();
  }

  /// The handshake, record by record.
  private static final class Running implements Handshake {

    private final Duplex pipe;
    private final TlsEngine engine;
    private final RecordReader records = new RecordReader();

    Running(Duplex pipe, TlsEngine engine) {
      this.pipe = pipe;
      this.engine = engine;
    }

    @Override
    public void start() {
      engine.begin();
      send();
    }

    @Override
    public int take(byte[] data, int offset, int length) {
      return records.consume(
          data,
          offset,
          length,
          (bytes, at, count) -> {
            try {
              // No data yet: before the end of the handshake the engine takes none.
              engine.open(bytes, at, count, new byte[count]);
            } finally {
              send();
            }
            return !engine.established();
          });
    }

    @Override
    public Optional<Channel> channel() {
      return engine.established()
          ? Optional.of(
              new Channel(
                  new TlsDuplex(pipe, engine),
                  engine.remoteKey(),
                  engine.muxer(),
                  engine.binding()))
          : Optional.empty();
    }

    @Override
    public void destroy() {
      engine.release();
    }

    private void send() {
      byte[] bytes = engine.takeOutput();
      pipe.write(bytes, 0, bytes.length);
    }
  }
}
