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
    if (stopping) {
      exchange.fail(stoppingFailure());
    } else if (!requests.tryAcquire()) {
      exchange.fail(busy("requests"));
    } else {
      String name = "control " + request.method() + " " + request.path();
      Thread.ofVirtual().name(name).start(() -> answer(request, exchange));
    }
  }

  private void answer(RawRequest request, Exchange exchange) {
    Reply reply = null;
    answering.add(Thread.currentThread());
    try {
      reply = handle(request);
      if (reply instanceof Reply.Document document) {
        exchange.reply(document.json());
      }
    } catch (Throwable e) {
      reply = null;
      exchange.fail(failure(request, e));
    } finally {
      requests.release();
      answering.remove(Thread.currentThread());
    }
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
    if (!streams.tryAcquire()) {
      exchange.fail(busy("streams"));
      return;
    }
    streaming.add(Thread.currentThread());
    try {
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
      streams.release();
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
    stopping = true;
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
