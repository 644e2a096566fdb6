package io.peerup.libp2p.yamux;

import io.peerup.libp2p.LimitReached;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The books of a session: which streams there are, which ids were used, and what all streams
/// together hold.
final class Registry {

  private final boolean client;
  private final YamuxLimits limits;
  private final BufferAccount account;
  private final StreamTable streams = new StreamTable();

  /// Our next stream id; negative once all 2^31 are used up.
  private int nextId;

  /// The peer's highest id so far, unsigned.
  private int highestPeerId;

  private int inboundCount;
  private int unacknowledgedCount;
  private long windowGrowth;
  private int largestWindow;
  private long bufferedBytes;

  Registry(boolean client, YamuxLimits limits, BufferAccount account, int firstId) {
    this.client = client;
    this.limits = limits;
    this.account = account;
    this.nextId = firstId;
  }

  @Nullable YamuxStream get(int id) {
    return streams.get(id);
  }

  int size() {
    return streams.size();
  }

  List<YamuxStream> all() {
    return streams.all();
  }

  /// The id for a new stream of ours. Throws [LimitReached] if there may be none now.
  int claimId() {
    if (nextId < 0) {
      throw new LimitReached("all stream ids are used up", "open a new connection");
    }
    if (streams.size() - inboundCount >= limits.outboundStreamsMax()) {
      throw new LimitReached(limits.outboundStreamsMax() + " streams are open to this peer");
    }
    if (unacknowledgedCount >= limits.ackBacklogMax()) {
      throw new LimitReached(
          "the peer has not acknowledged " + unacknowledgedCount + " streams we opened");
    }
    int id = nextId;
    nextId += 2;
    return id;
  }

  /// True if the peer must not open ids like this.
  boolean isOurs(int id) {
    return ((id & 1) == 1) == client;
  }

  /// The peer used this id to open a stream.
  void noteOpened(int id) {
    if (Integer.compareUnsigned(id, highestPeerId) > 0) {
      highestPeerId = id;
    }
  }

  /// True if nobody has opened a stream of this id so far.
  boolean neverOpened(int id) {
    return isOurs(id)
        ? nextId >= 0 && Integer.compareUnsigned(id, nextId) >= 0
        : Integer.compareUnsigned(id, highestPeerId) > 0;
  }

  boolean hasRoomForInbound() {
    return inboundCount < limits.inboundStreamsMax();
  }

  void add(YamuxStream stream) {
    streams.add(stream);
    if (stream.isInbound()) {
      inboundCount++;
    } else {
      unacknowledgedCount++;
    }
  }

  void acknowledged() {
    unacknowledgedCount--;
  }

  int unacknowledgedCount() {
    return unacknowledgedCount;
  }

  void remove(YamuxStream stream) {
    streams.remove(stream);
    windowGrowth -= stream.windowGrowth();
    if (stream.isInbound()) {
      inboundCount--;
    } else if (stream.isUnacknowledged()) {
      unacknowledgedCount--;
    }
  }

  /// Forgets all at the end and returns them.
  List<YamuxStream> removeAll() {
    List<YamuxStream> all = streams.all();
    streams.clear();
    return all;
  }

  /// Grants at most `bytes` of the growth that all windows share.
  int reserveGrowth(int bytes) {
    int granted = (int) Math.min(bytes, limits.windowGrowthBytesMax() - windowGrowth);
    windowGrowth += granted;
    return granted;
  }

  /// The largest window that a stream of this session has had, or 0 while none has grown.
  int largestWindow() {
    return largestWindow;
  }

  void windowGrewTo(int size) {
    largestWindow = Math.max(largestWindow, size);
  }

  /// By how much all windows together exceed their initial size.
  long windowGrowth() {
    return windowGrowth;
  }

  void buffered(int bytes) {
    bufferedBytes += bytes;
    account.change(bytes);
  }

  void unbuffered(int bytes) {
    bufferedBytes -= bytes;
    account.change(-bytes);
  }

  /// Unread bytes of all streams.
  long bufferedBytes() {
    return bufferedBytes;
  }

  /// The stream to give up when too much is buffered, or empty if all is well.
  Optional<YamuxStream> overfull() {
    if (bufferedBytes <= limits.bufferedBytesMax()) {
      return Optional.empty();
    }
    return fullest(YamuxStream::available);
  }

  /// The stream that holds most by this measure, or empty if none holds anything.
  Optional<YamuxStream> fullest(ToIntFunction<YamuxStream> measure) {
    return streams.all().stream()
        .filter(stream -> measure.applyAsInt(stream) > 0)
        .max(Comparator.comparingInt(measure));
  }
}
