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
  private boolean datagrams;
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
  }

  void tell(Upgrade.Outcome next) {
    outcome = next;
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
    endpoint.loop().execute(() -> fail(new PeerUnreachable("given up in the QUIC handshake")));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    switch (event) {
      case QuicConnectionCloseEvent closed -> farewell = closed;
      case QuicDatagramExtensionEvent _ -> datagrams = true;
      case SslHandshakeCompletionEvent done when done.isSuccess() -> established();
      case SslHandshakeCompletionEvent done -> failed(done.cause());
      default -> {}
    }
  }

  private void established() {
    QuicChannel own = channel;
    Upgrade.Outcome told = outcome;
    if (over || own == null || told == null) {
      return;
    }
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

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(new PeerUnreachable("the connection ended in the QUIC handshake"));
  }

  /// The socket's side: dialling did not work out.
  void failed(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    switch (cause) {
      case SSLException _ -> fail(new ProtocolViolation("QUIC: " + message, cause));
      case QuicClosedChannelException closed when closed.event() != null ->
          fail(QuicConnection.describe(closed.event()));
      default -> fail(new PeerUnreachable("cannot connect: " + message, cause));
    }
  }

  private void fail(OverlayException cause) {
    if (over) {
      return;
    }
    over = true;
    timer.cancel();
    OverlayException reason = cause;
    OverlayException rejection = handshake.rejection();
    if (rejection != null) {
      reason = rejection;
    } else if (farewell != null) {
      reason = QuicConnection.describe(farewell);
    }
    QuicChannel own = channel;
    if (own != null) {
      endpoint.security().ended(own);
      // Not within the call that told of it: then Netty could not send the alert any more.
      endpoint.loop().execute(own::close);
    }
    Upgrade.Outcome told = outcome;
    if (told != null) {
      told.failed(reason);
    }
  }
}
