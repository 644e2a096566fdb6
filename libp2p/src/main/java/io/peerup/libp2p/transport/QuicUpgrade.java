package io.peerup.libp2p.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClosedChannelException;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// A QUIC connection until its handshake is done: what [Upgrade] is for a pipe. On its loop.
@SuppressWarnings("FutureReturnValueIgnored") // of closing: the end comes as a channel event
final class QuicUpgrade extends ChannelInboundHandlerAdapter {

  private final QuicEndpoint endpoint;
  private final QuicSecurity.Handshake handshake;
  private final Duration timeout;
  private Upgrade.@Nullable Outcome outcome;
  private @Nullable QuicChannel channel;
  private @Nullable QuicConnectionCloseEvent farewell;
  private Loop.Timer timer = () -> {};
  private final boolean dialled;
  private boolean datagrams;
  private boolean trusted;
  private boolean over;

  /// @param outcome who is told; null: nobody until [#tell]
  QuicUpgrade(
      QuicEndpoint endpoint,
      QuicSecurity.Handshake handshake,
      Duration timeout,
      Upgrade.@Nullable Outcome outcome) {
    this.endpoint = endpoint;
    this.handshake = handshake;
    this.timeout = timeout;
    this.outcome = outcome;
    this.dialled = outcome != null;
  }

  void tell(Upgrade.Outcome next) {
    outcome = next;
  }

  /// The channel is closed: one that never became active does not become inactive.
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (!over) {
      fail(new PeerUnreachable("the connection ended in the QUIC handshake"));
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = (QuicChannel) context.channel();
    timer =
        endpoint
            .loop()
            .after(
                timeout,
                () ->
                    fail(
                        new DeadlineExceeded(
                            "no connection within "
                                + timeout.toMillis()
                                + " ms: still in the QUIC handshake")));
  }

  /// Gives up if it is not complete: nobody waits any more. Any thread.
  void abandon() {
    endpoint
        .loop()
        .execute(() -> fail(new PeerUnreachable("given up in the QUIC handshake"), dialled));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    switch (event) {
      case QuicConnectionCloseEvent closed -> farewell = closed;
      case QuicDatagramExtensionEvent _ -> datagrams = true;
      case SslHandshakeCompletionEvent done when done.isSuccess() -> {
        trusted = true;
        advance();
      }
      case SslHandshakeCompletionEvent done -> failed(done.cause());
      default -> {}
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    advance();
  }

  /// Both must have happened: TLS is content, and quiche has taken notice. Whoever closed between
  /// the two would not be understood by a peer that is a step ahead.
  private void advance() {
    QuicChannel own = channel;
    Upgrade.Outcome told = outcome;
    if (!trusted || own == null || !own.isActive() || told == null) {
      return;
    }
    if (over) {
      end(own); // given up, and yet it came to be
      return;
    }
    established(own, told);
  }

  private void established(QuicChannel own, Upgrade.Outcome told) {
    MuxedConnection.Secured secured;
    try {
      secured = handshake.secured();
    } catch (ProtocolViolation e) {
      fail(e);
      return;
    }
    over = true;
    timer.cancel();
    endpoint.security().ended(own);
    QuicConnection connection = new QuicConnection(own, endpoint, secured, datagrams);
    own.attr(QuicEndpoint.CONNECTION).set(connection);
    own.pipeline().replace(this, null, connection.events());
    told.upgraded(connection);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed(cause);
  }

  /// The socket's side: dialling did not work out.
  void failed(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    switch (cause) {
      case SSLException _ -> fail(new ProtocolViolation("QUIC: " + message, cause));
      case QuicClosedChannelException closed when closed.event() != null ->
          fail(QuicCodes.describe(closed.event()));
      default -> fail(new PeerUnreachable("cannot connect: " + message, cause));
    }
  }

  private void fail(OverlayException cause) {
    fail(cause, /* linger= */ false);
  }

  /// @param linger whether the handshake goes on until the other side can be told: quiche does not
  ///   say good-bye before it got an answer, nor so that a peer understands while keys change. TLS
  ///   ends it as soon as it asks whether we trust the peer
  private void fail(OverlayException cause, boolean linger) {
    if (over) {
      if (channel != null) {
        end(channel);
      }
      return;
    }
    over = true;
    timer.cancel();
    OverlayException reason = cause;
    OverlayException rejection = handshake.rejection();
    if (rejection != null) {
      reason = rejection;
    } else if (farewell != null) {
      reason = QuicCodes.describe(farewell);
    }
    QuicChannel own = channel;
    if (own != null) {
      endpoint.security().ended(own);
      if (linger) {
        endpoint.loop().after(QuicLimits.LINGER, () -> end(own));
      } else {
        end(own);
      }
    }
    Upgrade.Outcome told = outcome;
    if (told != null) {
      told.failed(reason);
    }
  }

  /// Not within the call that told of it: then Netty could not send the alert any more.
  private void end(QuicChannel own) {
    endpoint.loop().execute(() -> endpoint.end(own, /* application= */ false, /* code= */ 0));
  }
}
