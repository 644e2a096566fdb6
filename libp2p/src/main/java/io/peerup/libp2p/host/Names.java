package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerUnreachable;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/// Finds out what names in addresses stand for: asks the questions of a [NameExpansion]. Blocks its
/// caller, a virtual thread, for a bounded time. Resolvers know no deadline and are native code,
/// which would hold the carrier of a virtual thread: they run on a few threads of the system, where
/// they may be left behind. Thread-safe.
final class Names {

  /// Names are worth waiting for so long: a resolver that asks a second server.
  static final Duration WAIT_MAX = Duration.ofSeconds(5);

  /// So long where there are other addresses to begin with.
  static final Duration WAIT_BESIDE_OTHERS = Duration.ofSeconds(1);

  /// Questions at a time, each a thread for as long as its resolver takes.
  static final int THREADS_MAX = 16;

  /// Questions that wait for one of these.
  static final int QUEUE_MAX = 256;

  private final NameService service;
  private final LongSupplier nanoTime;
  private final Executor threads;

  Names(NameService service, LongSupplier nanoTime) {
    this.service = service;
    this.nanoTime = nanoTime;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            5,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            Thread.ofPlatform().daemon().name("resolve").factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  /// What these addresses stand for. Addresses without names stand for themselves.
  NameExpansion expand(Collection<Multiaddr> addresses, Duration timeout) {
    NameExpansion expansion = new NameExpansion(addresses);
    Duration most = expansion.results().isEmpty() ? WAIT_MAX : WAIT_BESIDE_OTHERS;
    long deadline = nanoTime.getAsLong() + (timeout.compareTo(most) < 0 ? timeout : most).toNanos();
    List<NameExpansion.Question> questions = expansion.next();
    while (!questions.isEmpty()) {
      Map<NameExpansion.Question, CompletableFuture<Runnable>> answers = new LinkedHashMap<>();
      questions.forEach(question -> answers.put(question, ask(question, expansion)));
      answers.forEach((question, answer) -> await(question, answer, expansion, deadline));
      questions = expansion.next();
    }
    return expansion;
  }

  /// The answer is what to tell the expansion, on the thread that owns it.
  private CompletableFuture<Runnable> ask(
      NameExpansion.Question question, NameExpansion expansion) {
    try {
      return CompletableFuture.supplyAsync(
          () -> {
            String name = question.name();
            if (question.text()) {
              List<String> texts = service.texts(name);
              return () -> expansion.texts(name, texts);
            }
            List<InetAddress> addresses = service.addresses(name);
            return () -> expansion.addresses(name, addresses);
          },
          threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new PeerUnreachable("too many names are being resolved to ask about " + question.name()));
    }
  }

  private void await(
      NameExpansion.Question question,
      CompletableFuture<Runnable> answer,
      NameExpansion expansion,
      long deadline) {
    try {
      answer.get(deadline - nanoTime.getAsLong(), TimeUnit.NANOSECONDS).run();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      expansion.failed(question, String.valueOf(cause.getMessage()));
    } catch (TimeoutException e) {
      expansion.failed(question, "no answer about the name " + question.name() + " in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerUnreachable("interrupted while resolving " + question.name(), e);
    } finally {
      answer.cancel(false);
    }
  }
}
