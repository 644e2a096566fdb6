package io.peerup.libp2p.transport;

import io.netty.handler.codec.quic.QuicStreamChannel;
import java.time.Duration;

/// A stream that we have done with, but whose peer has not said that it has: waits for its FIN or
/// reset. quiche (in Netty 4.2.18) forgets a stream, and grants the peer another one, only when it
/// looks at it: at its end when that is read, and when something of ours is acknowledged. After
/// STOP_SENDING nothing is read any more, and the end mostly comes behind the last acknowledgement:
/// the stream would stay for ever. So who ends by itself is not told to stop, and after who was
/// told so we send a reset that makes quiche look. On the connection's loop.
@SuppressWarnings("FutureReturnValueIgnored") // ends come as channel events
final class QuicLinger {

  /// How long we wait for an end without a word, as yamux does; and between STOP_SENDING and a
  /// reset behind our FIN, because the peer may lose by it what it has not read.
  static final Duration MAX = Duration.ofMinutes(1);

  /// Between STOP_SENDING and a reset that was asked for: time for the answer.
  private static final int ROUND_TRIPS = 3;

  private static final Duration ANSWER_MIN = Duration.ofMillis(20);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(1);

  private final QuicConnection connection;
  private final QuicStreamChannel channel;
  private boolean remoteEnded;
  private Loop.Timer timer = () -> {};
  private boolean dropped;
  private boolean stopped;
  private boolean ended;

  /// @param remoteEnded there is no end to wait for
  QuicLinger(QuicConnection connection, QuicStreamChannel channel, boolean remoteEnded) {
    this.connection = connection;
    this.channel = channel;
    this.remoteEnded = remoteEnded;
  }

  /// Both directions have ended for us, ours with a FIN or because the peer stopped reading.
  void await() {
    if (remoteEnded) {
      end();
    } else {
      timer = connection.loop().after(MAX, this::stop);
      channel.read();
    }
  }

  /// Both directions end now, with this code.
  ///
  /// @param finSent what we sent before stays valid: a reset behind a FIN would take it back
  void reset(int code, boolean finSent) {
    if (remoteEnded && finSent) {
      end();
    } else if (remoteEnded) {
      resetOutput(code);
    } else if (finSent) {
      stop(code, MAX);
    } else {
      long aFew = connection.rtt().orElse(ANSWER_MAX).toNanos() * ROUND_TRIPS;
      stop(code, Duration.ofNanos(Math.clamp(aFew, ANSWER_MIN.toNanos(), ANSWER_MAX.toNanos())));
    }
  }

  /// Bytes came. Unless the end is behind them, the peer must be told.
  void drop() {
    if (!dropped) {
      dropped = true;
      connection.loop().execute(this::stop);
      channel.read();
    }
  }

  private void stop() {
    stop(0, MAX);
  }

  private void stop(int code, Duration answer) {
    if (ended || stopped) {
      return;
    }
    stopped = true;
    timer.cancel();
    channel.shutdownInput(code);
    timer = connection.loop().after(answer, () -> resetOutput(code));
  }

  private void resetOutput(int code) {
    channel.shutdownOutput(code);
    QuicInternals.noFin(channel);
    end();
  }

  /// The peer's end was read, or nothing can be read any more.
  void remoteEnded() {
    remoteEnded = true;
    if (!stopped) {
      end();
    }
  }

  /// The connection is over, or there is nothing to wait for.
  void end() {
    if (!ended) {
      ended = true;
      timer.cancel();
      channel.close();
      connection.forget(channel);
    }
  }
}
