package io.peerup.libp2p.transport;

import io.peerup.libp2p.yamux.BufferAccount;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// How much memory the buffers of all sessions of a process may hold together, and how much those
/// of one peer: a bound for each session alone would be multiplied by as many sessions as there are
/// (CVE-2022-23492 and its like). When all together hold too much, the session that holds most of
/// the peer that holds most gives up its fullest stream: a flood hurts those who make it.
/// Thread-safe: sessions run on several loops.
public final class BufferBudget {

  /// What a process gives its buffers unless told otherwise: four peers with the largest windows
  /// there are.
  public static final long BYTES_MAX = 256L << 20;

  /// The share of the whole that one peer may use, with all its connections: a fourth, so that one
  /// peer cannot bring the others near the bound.
  public static final int PEER_SHARE = 4;

  /// Between the bound and an eighth more, the largest session has the time to give something up on
  /// its own loop; above, every session that receives gives up its own fullest stream at once.
  public static final int SLACK_SHARE = 8;

  private final long bytesMax;
  private final AtomicLong total = new AtomicLong();
  private final ConcurrentMap<Object, Peer> peers = new ConcurrentHashMap<>();

  /// All accounts of one peer.
  private static final class Peer {
    private final AtomicLong held = new AtomicLong();
    private final List<Account> accounts = new CopyOnWriteArrayList<>();
  }

  /// @param bytesMax for all sessions together
  public BufferBudget(long bytesMax) {
    if (bytesMax < PEER_SHARE * (long) YamuxLimits.INITIAL_WINDOW_BYTES) {
      throw new IllegalArgumentException("too little for one window a peer: " + bytesMax);
    }
    this.bytesMax = bytesMax;
  }

  /// What one peer may hold.
  public long peerBytesMax() {
    return bytesMax / PEER_SHARE;
  }

  /// Bytes held now by all sessions.
  public long held() {
    return total.get();
  }

  /// The account of a new session with `peer` (any object that stands for it). `relieve` is run
  /// when this session shall call [Account#mustGive()] soon; from any thread, must not block.
  public Account open(Object peer, Runnable relieve) {
    Account account = new Account(peer, relieve);
    peers.compute(
        peer,
        (ignored, known) -> {
          Peer its = known == null ? new Peer() : known;
          its.accounts.add(account);
          account.owner = its;
          return its;
        });
    return account;
  }

  /// One session's share.
  public final class Account implements BufferAccount {
    private final Object peer;
    private final Runnable relieve;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicLong held = new AtomicLong();
    private Peer owner = new Peer();
    private boolean closed;

    private Account(Object peer, Runnable relieve) {
      this.peer = peer;
      this.relieve = relieve;
    }

    /// So many bytes more are held, or fewer.
    @Override
    public synchronized void change(int bytes) {
      if (!closed) {
        add(bytes);
      }
    }

    private void add(long bytes) {
      held.addAndGet(bytes);
      owner.held.addAndGet(bytes);
      total.addAndGet(bytes);
    }

    /// Bytes held now.
    public long held() {
      return held.get();
    }

    /// True if this session must give something up now. Asks another one if that holds more.
    @Override
    public boolean mustGive() {
      asked.set(false);
      if (owner.held.get() > peerBytesMax()) {
        return true;
      }
      long all = total.get();
      if (all <= bytesMax) {
        return false;
      }
      Account largest = largest();
      if (largest == this) {
        return true;
      }
      largest.ask();
      return all > bytesMax + bytesMax / SLACK_SHARE;
    }

    private void ask() {
      if (asked.compareAndSet(false, true)) {
        relieve.run();
      }
    }

    private Account largest() {
      return peers.values().stream()
          .max(Comparator.comparingLong(each -> each.held.get()))
          .flatMap(
              most -> most.accounts.stream().max(Comparator.comparingLong(each -> each.held.get())))
          .orElse(this);
    }

    /// The session is over: gives back everything. Later changes count no more.
    public synchronized void close() {
      if (closed) {
        return;
      }
      add(-held.get());
      closed = true;
      peers.computeIfPresent(
          peer,
          (ignored, its) -> {
            its.accounts.remove(this);
            return its.accounts.isEmpty() ? null : its;
          });
    }
  }
}
