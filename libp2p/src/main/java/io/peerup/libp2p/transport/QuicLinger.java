package io.peerup.libp2p.transport;

import java.time.Duration;
import java.util.Optional;

/// A stream that we have done with, but whose peer has not said that it has: waits for its FIN or
/// reset. quiche (in Netty 4.2.18) forgets a stream, and grants the peer another one, only when it
/// looks at it: at its end when that is read, and when something of ours is acknowledged. After
/// STOP_SENDING nothing is read any more, and the end mostly comes behind the last acknowledgement:
/// the stream would stay for ever. So who ends by itself is not told to stop, and after who was
/// told so we send a reset that makes quiche look. On the connection's loop.
final class QuicLinger {

  /// How long we wait for an end without a word, as yamux does; and between STOP_SENDING and a
  /// reset behind our FIN, because the peer may lose by it what it has not read.
  static final Duration MAX = Duration.ofMinutes(1);

  /// Between STOP_SENDING and a reset that was asked for: time for the answer.
  private static final int ROUND_TRIPS = 3;

  private static final Duration ANSWER_MIN = Duration.ofMillis(20);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(1);

  private final Loop loop;
  private final Line line;
  private boolean remoteEnded;
  private Loop.Timer timer = () -> {};
  private boolean dropped;
  private boolean stopped;
  private boolean ended;

  /// The stream, as far as it matters here.
  interface Line {

    Optional<Duration> rtt();

    /// Asks for what comes next.
    void read();

    /// Tells the peer to send no more.
    void stop(int code);

    /// Takes back what has not arrived.
    void reset(int code);

    /// Nothing matters any more.
    void forget();
  }

  /// @param remoteEnded there is no end to wait for
  QuicLinger(Loop loop, Line line, boolean remoteEnded) {
    this.loop = loop;
    this.line = line;
    this.remoteEnded = remoteEnded;
  }

  /// Both directions have ended for us, ours with a FIN or because the peer stopped reading.
  void await() {
    if (remoteEnded) {
      end();
    } else {
      timer = loop.after(MAX, this::stop);
      line.read();
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
      long aFew = line.rtt().orElse(ANSWER_MAX).toNanos() * ROUND_TRIPS;
      stop(code, Duration.ofNanos(Math.clamp(aFew, ANSWER_MIN.toNanos(), ANSWER_MAX.toNanos())));
    }
  }

  /// Bytes came. Unless the end is behind them, the peer must be told.
  void drop() {
    if (!dropped) {
      dropped = true;
      loop.execute(this::stop);
      line.read();
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
    line.stop(code);
    timer = loop.after(answer, () -> resetOutput(code));
  }

  private void resetOutput(int code) {
    line.reset(code);
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
      line.forget();
    }
  }
}
