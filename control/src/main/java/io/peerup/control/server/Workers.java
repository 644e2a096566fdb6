package io.peerup.control.server;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the handlers of complete requests, each on a virtual thread named after it, within the
/// limits on requests and streams.
final class Workers {
  private static final Logger log = LoggerFactory.getLogger(Workers.class);

  /// A complete request as it came.
  record RawRequest(String method, String target, ByteBuffer body) {
    String path() {
      int mark = target.indexOf('?');
      return mark < 0 ? target : target.substring(0, mark);
    }

    String query() {
      int mark = target.indexOf('?');
      return mark < 0 ? "" : target.substring(mark + 1);
    }
  }

  private final Router router;
  private final Semaphore requests;
  private final Semaphore streams;
  private final Set<Thread> answering = ConcurrentHashMap.newKeySet();
  private final Set<Thread> streaming = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  Workers(Router router, Limits limits) {
    this.router = router;
    this.requests = new Semaphore(limits.requests());
    this.streams = new Semaphore(limits.streams());
  }

  /// Answers `request` into `exchange`, which hears exactly one reply. Returns at once.
  void start(RawRequest request, Exchange exchange) {
    Failure refusal = tryStart(request, exchange);
    if (refusal != null) {
      exchange.fail(refusal);
    }
  }

  /// Under the lock of [#close], so that a request either is refused or is waited for.
  private synchronized @Nullable Failure tryStart(RawRequest request, Exchange exchange) {
    if (stopping) {
      return stoppingFailure();
    }
    if (!requests.tryAcquire()) {
      return busy("requests");
    }
    String name = "control " + request.method() + " " + request.path();
    Thread worker = Thread.ofVirtual().name(name).unstarted(() -> answer(request, exchange));
    answering.add(worker);
    worker.start();
    return null;
  }

  private void answer(RawRequest request, Exchange exchange) {
    Reply reply = null;
    try {
      reply = handle(request);
      if (reply instanceof Reply.Document document) {
        exchange.reply(document.json());
      }
    } catch (Throwable e) {
      reply = null;
      exchange.fail(failure(request, e));
    }
    // First into the one set, then out of the other, so that close() always finds this thread.
    if (reply instanceof Reply.Lines) {
      streaming.add(Thread.currentThread());
    }
    answering.remove(Thread.currentThread());
    requests.release();
    if (reply instanceof Reply.Lines lines) {
      stream(request, lines, exchange);
    }
  }

  private Reply handle(RawRequest request) throws Exception {
    Router.Match match = router.find(request.method(), request.path());
    Map<String, String> query = Router.query(request.query());
    return match
        .route()
        .handler()
        .handle(
            new Request(
                request.method(), request.path(), match.params(), query, json(request.body())));
  }

  private static JsonObject json(ByteBuffer body) {
    if (!body.hasRemaining()) {
      return new JsonObject();
    }
    try {
      return Jsons.parseObject(
          StandardCharsets.UTF_8.newDecoder().decode(body.duplicate()).toString());
    } catch (CharacterCodingException e) {
      throw new Failure("bad-json", "the body is not UTF-8 text", "", e);
    }
  }

  private void stream(RawRequest request, Reply.Lines lines, Exchange exchange) {
    boolean admitted = streams.tryAcquire();
    try {
      if (!admitted) {
        exchange.fail(busy("streams"));
        return;
      }
      LineSink sink = exchange.beginStream(Thread.currentThread());
      if (stopping) {
        throw stoppingFailure();
      }
      lines.writer().writeTo(sink);
      exchange.endStream(null);
    } catch (LineSink.ClientGone _) {
      exchange.endStream(null);
    } catch (Throwable e) {
      // An interrupt because the client went has no reader; endStream then sends nothing.
      exchange.endStream(failure(request, e));
    } finally {
      streaming.remove(Thread.currentThread());
      if (admitted) {
        streams.release();
      }
    }
  }

  private Failure failure(RawRequest request, Throwable why) {
    if (why instanceof Failure failure) {
      return failure;
    }
    if (why instanceof InterruptedException) {
      return stoppingFailure();
    }
    log.atError()
        .setMessage("a control request failed")
        .addKeyValue("request", request.method() + " " + request.path())
        .setCause(why)
        .log();
    // Only the kind: the message of an unforeseen exception may hold what nobody should see.
    return new Failure(
        "internal",
        "internal error: "
            + why.getClass().getSimpleName()
            + " in "
            + request.method()
            + " "
            + request.path(),
        "the log says more: peerup daemon logs");
  }

  private static Failure busy(String what) {
    return new Failure(
        "busy", "too many " + what + " at the same time", "end some of them and try again");
  }

  private static Failure stoppingFailure() {
    return new Failure("stopping", "the daemon is stopping", "");
  }

  /// Ends all streams now, lets answers finish for a while, then interrupts them too. The calling
  /// thread may be one of the workers, which is then not waited for.
  void close(Duration patience) {
    synchronized (this) {
      stopping = true;
    }
    streaming.forEach(Thread::interrupt);
    join(patience);
    answering.stream()
        .filter(thread -> !thread.equals(Thread.currentThread()))
        .forEach(Thread::interrupt);
    join(patience);
  }

  private void join(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Set<Thread> threads : List.of(answering, streaming)) {
      for (Thread thread : threads) {
        if (!thread.equals(Thread.currentThread())) {
          joinUntil(thread, deadline);
        }
      }
    }
  }

  private static void joinUntil(Thread thread, long deadline) {
    Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    try {
      thread.join(left);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
