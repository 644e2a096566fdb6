package io.peerup.libp2p.transport;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.tls.ClientHello;
import io.peerup.libp2p.tls.RecordReader;
import io.peerup.libp2p.tls.TlsEngine;
import io.peerup.libp2p.tls.TlsKeys;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// TLS over pipes.
public final class TlsSecurity implements Security {

  /// In front of each security protocol that a dialler offers, among the names of ALPN.
  private static final String OFFER = "peerup-offers:";

  private final TlsKeys keys;
  private final Negotiated negotiated;
  private final List<String> muxers;

  /// Agrees on the muxer within the handshake, where the peer can. `offered` are the ids of all
  /// ways in which our pipes may be secured, best first: a listener is told, and compares; empty:
  /// neither.
  public TlsSecurity(TlsKeys keys, List<String> offered) {
    this(keys, offered, List.of(Upgrade.YAMUX));
  }

  TlsSecurity(TlsKeys keys, List<String> offered, List<String> muxers) {
    this.keys = keys;
    this.negotiated = new Negotiated(Upgrade.TLS, offered);
    this.muxers = muxers;
  }

  @Override
  public String id() {
    return Upgrade.TLS;
  }

  @Override
  public Handshake handshake(Duplex pipe, Direction direction, PeerExpectation expected) {
    if (direction == Direction.INBOUND) {
      return new Running(pipe, keys.server(expected, muxers), Optional.of(negotiated));
    }
    return new Running(pipe, keys.client(expected, named()), Optional.empty());
  }

  /// What ALPN names: the muxers, and what we offer instead of TLS, under names that nobody takes.
  /// The handshake protects them.
  private List<String> named() {
    return Stream.concat(muxers.stream(), negotiated.offered().stream().map(OFFER::concat))
        .toList();
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
    private final ClientHello hello = new ClientHello();
    private final Optional<Negotiated> compared;

    /// `compared` is what the listener compares the dialler's offers with.
    Running(Duplex pipe, TlsEngine engine, Optional<Negotiated> compared) {
      this.pipe = pipe;
      this.engine = engine;
      this.compared = compared;
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
            compared.ifPresent(
                own -> hello.record(bytes, at, count).ifPresent(names -> compare(own, names)));
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

    /// The listener alone is enough: it refuses before it has shown anything.
    private static void compare(Negotiated own, List<String> names) {
      List<String> offers =
          names.stream()
              .filter(name -> name.startsWith(OFFER))
              .map(name -> name.substring(OFFER.length()))
              .toList();
      if (!offers.isEmpty()) {
        own.compare(Direction.INBOUND, offers);
      }
    }

    private void send() {
      byte[] bytes = engine.takeOutput();
      pipe.write(bytes, 0, bytes.length);
    }
  }
}
