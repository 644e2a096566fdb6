package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A host as a curious relay would have it: it keeps a copy of every byte that its protocols read
/// and write in the clear, and pumps circuits by hand to see what is in them.
final class RelaySight {

  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

  /// This host, seen through.
  Host through(Host host) {
    return wrap(Host.class, host);
  }

  byte[] seen() {
    synchronized (seen) {
      return seen.toByteArray();
    }
  }

  private void note(byte[] bytes, int offset, int length) {
    synchronized (seen) {
      seen.write(bytes, offset, length);
    }
  }

  private <T> T wrap(Class<T> type, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> call(real, method, arguments)));
  }

  private @Nullable Object call(Object real, Method method, Object @Nullable [] given)
      throws Throwable {
    Object[] arguments = given == null ? new Object[0] : given.clone();
    if (method.getName().equals("splice")) {
      return pump((Stream) arguments[0], (Stream) arguments[1], (Splice.Done) arguments[3]);
    }
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] =
          switch (arguments[i]) {
            case StreamHandler handler ->
                (StreamHandler) stream -> handler.handle(wrap(Stream.class, stream));
            case HostListener listener -> listening(listener);
            default -> arguments[i];
          };
    }
    Object result;
    try {
      result = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
    if (real instanceof Stream) {
      copy(method.getName(), arguments, result);
    }
    return wrapped(result);
  }

  private @Nullable Object wrapped(@Nullable Object result) {
    return switch (result) {
      case Stream stream -> wrap(Stream.class, stream);
      case Connection connection -> wrap(Connection.class, connection);
      case List<?> list -> list.stream().map(this::wrapped).toList();
      case null, default -> result;
    };
  }

  private HostListener listening(HostListener listener) {
    return new HostListener() {
      @Override
      public void connected(Connection connection) {
        listener.connected(wrap(Connection.class, connection));
      }

      @Override
      public void disconnected(Connection connection, String reason) {
        listener.disconnected(wrap(Connection.class, connection), reason);
      }
    };
  }

  private void copy(String method, Object[] arguments, @Nullable Object result) {
    if (result instanceof byte[] bytes) {
      note(bytes, 0, bytes.length);
    } else if (method.equals("read") && result instanceof Integer count && count > 0) {
      note((byte[]) arguments[0], (int) arguments[1], count);
    } else if (method.startsWith("write")) {
      byte[] bytes = (byte[]) arguments[0];
      note(
          bytes,
          arguments.length == 1 ? 0 : (int) arguments[1],
          arguments.length == 1 ? bytes.length : (int) arguments[2]);
    }
  }

  private Splice pump(Stream one, Stream other, Splice.Done done) {
    Splice splice =
        new Splice() {
          @Override
          public long bytesForward() {
            return 0;
          }

          @Override
          public long bytesBackward() {
            return 0;
          }

          @Override
          public void cut() {
            one.reset();
            other.reset();
          }
        };
    Thread there = Thread.ofVirtual().start(() -> pass(one, other));
    Thread back = Thread.ofVirtual().start(() -> pass(other, one));
    // The handler that asked for the splice returns now, and its stream would be closed: stay.
    try {
      there.join();
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    done.ended(splice, "both sides finished");
    return splice;
  }

  private static void pass(Stream from, Stream to) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = from.read(buffer, 0, buffer.length);
          n >= 0;
          n = from.read(buffer, 0, buffer.length)) {
        to.write(buffer, 0, n);
      }
      to.closeWrite();
    } catch (OverlayException e) {
      to.reset();
    }
  }

  /// Whether the relay saw these bytes anywhere.
  boolean saw(byte[] wanted) {
    byte[] all = seen();
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }
}
