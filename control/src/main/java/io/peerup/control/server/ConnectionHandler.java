package io.peerup.control.server;

import com.google.gson.JsonObject;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.Future;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: reads a request, has it answered, reads the next. Runs on the event loop, except
/// for the methods of its [Exchange], which a worker calls and which pass on to the loop.
// A failed write or close means that the channel has ended, and channelInactive hears of that.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(ConnectionHandler.class);

  private enum State {
    /// From the start, or a reply's end, to the next request's headers.
    WAITING,
    /// From the headers to the end of the body.
    READING,
    /// From the complete request to the end of the reply. One at a time: a request that is sent
    /// before the reply to the last one (pipelining) is dropped and ends the connection after it.
    ANSWERING,
    /// After a request was refused before its end, or was followed by a pipelined one: what still
    /// comes is dropped, then we close.
    REFUSING
  }

  private final Gate gate;
  private final Workers workers;
  private final Connections connections;
  private final Limits limits;

  private State state = State.WAITING;
  private @Nullable HttpRequest request;
  private ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean keepAlive = true;
  private boolean pipelined;
  private @Nullable Future<?> deadline;
  private @Nullable WorkerExchange exchange;

  ConnectionHandler(Gate gate, Workers workers, Connections connections, Limits limits) {
    this.gate = gate;
    this.workers = workers;
    this.connections = connections;
    this.limits = limits;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (connections.admit(ctx.channel())) {
      armDeadline(ctx);
    } else {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connections.closed(ctx.channel());
    disarmDeadline();
    if (exchange != null) {
      exchange.clientGone();
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    switch (state) {
      case WAITING, READING -> {
        try {
          read(ctx, part);
        } catch (Failure failure) {
          refuse(ctx, failure);
        }
      }
      case ANSWERING -> pipelined = true;
      case REFUSING -> {
        boolean complete = part instanceof LastHttpContent && part.decoderResult().isSuccess();
        if (complete && !pipelined) {
          closeWhenWritten(ctx);
        }
      }
    }
  }

  private void read(ChannelHandlerContext ctx, HttpObject part) {
    if (part.decoderResult().isFailure()) {
      throw malformed(part.decoderResult().cause());
    }
    if (part instanceof HttpRequest head) {
      begin(ctx, head);
    }
    if (part instanceof HttpContent content && state == State.READING) {
      collect(content);
      if (part instanceof LastHttpContent) {
        complete(ctx);
      }
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    if (!head.protocolVersion().equals(HttpVersion.HTTP_1_1) || !head.uri().startsWith("/")) {
      throw new Failure("bad-request", "a request must be HTTP/1.1 for a path", "");
    }
    gate.check(head);
    state = State.READING;
    request = head;
    keepAlive = HttpUtil.isKeepAlive(head);
    armDeadline(ctx);
    if (HttpUtil.is100ContinueExpected(head)) {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private void collect(HttpContent content) {
    int length = content.content().readableBytes();
    if (body.size() + length > limits.requestBytes()) {
      throw Gate.tooLarge(limits.requestBytes());
    }
    byte[] bytes = new byte[length];
    content.content().readBytes(bytes);
    body.writeBytes(bytes);
  }

  private void complete(ChannelHandlerContext ctx) {
    HttpRequest head = request;
    if (head == null) {
      throw new IllegalStateException("a body without headers");
    }
    disarmDeadline();
    state = State.ANSWERING;
    connections.becameBusy(ctx.channel());
    WorkerExchange current = new WorkerExchange(ctx);
    exchange = current;
    ByteBuffer content = ByteBuffer.wrap(body.toByteArray());
    body = new ByteArrayOutputStream();
    workers.start(new Workers.RawRequest(head.method().name(), head.uri(), content), current);
  }

  private static Failure malformed(Throwable why) {
    return switch (why) {
      case TooLongHttpHeaderException _ ->
          new Failure("headers-too-large", "the headers of the request are too long", "");
      case TooLongHttpLineException _ ->
          new Failure("headers-too-large", "the path of the request is too long", "");
      default -> new Failure("bad-request", "the request is not HTTP/1.1", "");
    };
  }

  /// Answers before the request is complete; the connection cannot be used again.
  private void refuse(ChannelHandlerContext ctx, Failure failure) {
    body = new ByteArrayOutputStream();
    keepAlive = false;
    ctx.writeAndFlush(document(Statuses.of(failure), bytes(failure.toJson())));
    linger(ctx);
  }

  /// Drops what still comes, for a while, and then closes.
  private void linger(ChannelHandlerContext ctx) {
    state = State.REFUSING;
    disarmDeadline();
    deadline =
        ctx.executor()
            .schedule(
                () -> {
                  ctx.close();
                },
                Limits.LINGER.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  /// One line: its end keeps a shell prompt readable after curl.
  private static byte[] bytes(JsonObject json) {
    byte[] text = (Jsons.text(json) + "\n").getBytes(StandardCharsets.UTF_8);
    if (text.length > io.peerup.control.Limits.JSON_BYTES) {
      throw new IllegalArgumentException("a reply of " + text.length + " bytes is too long");
    }
    return text;
  }

  private FullHttpResponse document(HttpResponseStatus status, byte[] text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(text));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, text.length);
    HttpUtil.setKeepAlive(response, keepAlive && !pipelined);
    return response;
  }

  /// The reply is written: on to the next request, or the end.
  private void replied(ChannelHandlerContext ctx) {
    exchange = null;
    request = null;
    connections.becameIdle(ctx.channel());
    if (pipelined) {
      linger(ctx);
      return;
    }
    state = State.WAITING;
    armDeadline(ctx);
    if (!keepAlive) {
      closeWhenWritten(ctx);
    }
  }

  private static void closeWhenWritten(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void armDeadline(ChannelHandlerContext ctx) {
    disarmDeadline();
    deadline =
        ctx.executor()
            .schedule(() -> timedOut(ctx), limits.requestTime().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void disarmDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  /// Also ends a connection whose client does not read the last reply: that counts as waiting.
  private void timedOut(ChannelHandlerContext ctx) {
    if (state == State.READING) {
      refuse(
          ctx,
          new Failure(
              "request-timeout",
              "the request was not complete within " + limits.requestTime().toSeconds() + " s",
              ""));
    } else {
      ctx.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.atDebug().setMessage("a control connection broke").setCause(cause).log();
    ctx.close();
  }

  /// The way back for one request.
  private final class WorkerExchange implements Exchange {
    private final ChannelHandlerContext ctx;
    private final ChannelSink sink;
    private volatile @Nullable Thread writer;

    WorkerExchange(ChannelHandlerContext ctx) {
      this.ctx = ctx;
      this.sink = new ChannelSink(ctx.channel());
    }

    @Override
    public void reply(JsonObject document) {
      send(HttpResponseStatus.OK, document);
    }

    @Override
    public void fail(Failure failure) {
      send(Statuses.of(failure), failure.toJson());
    }

    private void send(HttpResponseStatus status, JsonObject json) {
      byte[] text = bytes(json);
      onLoop(() -> {
        ctx.writeAndFlush(document(status, text));
        replied(ctx);
      });
    }

    @Override
    public LineSink beginStream(Thread thread) {
      HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/x-ndjson");
      HttpUtil.setTransferEncodingChunked(head, true);
      writer = thread;
      onLoop(() -> {
        HttpUtil.setKeepAlive(head, keepAlive && !pipelined);
        ctx.writeAndFlush(head);
        if (!ctx.channel().isActive()) {
          clientGone();
        }
      });
      return sink;
    }

    @Override
    public void endStream(@Nullable Failure failure) {
      writer = null;
      sink.close();
      onLoop(() -> {
        if (failure != null) {
          byte[] line = (Jsons.text(failure.toJson()) + "\n").getBytes(StandardCharsets.UTF_8);
          ctx.write(new DefaultHttpContent(Unpooled.wrappedBuffer(line)));
        }
        ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        replied(ctx);
      });
    }

    /// Called on the loop. A plain handler is left to finish: what it does for the user, such as
    /// joining a network, is not undone by a closed terminal.
    void clientGone() {
      sink.close();
      Thread thread = writer;
      if (thread != null) {
        thread.interrupt();
      }
    }

    /// Called on the loop.
    void writabilityChanged() {
      sink.writabilityChanged();
    }

    private void onLoop(Runnable task) {
      try {
        ctx.executor().execute(task);
      } catch (RejectedExecutionException _) {
        // The server is closed and with it the connection: nobody is left to hear this.
      }
    }
  }
}
