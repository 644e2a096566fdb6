package io.peerup.testkit;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/// Fails the tests of a module when one of them lost a network buffer. Registered for every test by
/// being on the class path (`META-INF/services`, `junit-platform.properties`); Netty must run with
/// `-Dio.netty.leakDetection.level=paranoid`. A leak is noticed when the collector has found the
/// buffer, so a report may name a later class than the guilty one: read the traces in it. The last
/// look is after the last test, behind a collection.
public final class LeakGuard implements BeforeAllCallback, AfterAllCallback {

  private static final boolean HAS_NETTY = hasNetty();

  /// Before any test class is initialised, and so before the first buffer.
  public LeakGuard() {
    if (HAS_NETTY) {
      NettyLeaks.watch();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (HAS_NETTY) {
      var _ =
          context
              .getRoot()
              .getStore(Namespace.create(LeakGuard.class))
              .computeIfAbsent(LeakGuard.class, _ -> LeakGuard::lastLook, AutoCloseable.class);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (HAS_NETTY) {
      failOn(NettyLeaks.take());
    }
  }

  private static void lastLook() {
    failOn(NettyLeaks.search());
  }

  private static void failOn(List<String> leaks) {
    if (!leaks.isEmpty()) {
      throw new AssertionError(
          leaks.size() + " network buffers were never released:\n" + String.join("\n", leaks));
    }
  }

  private static boolean hasNetty() {
    try {
      Class.forName("io.netty.buffer.ByteBufUtil", false, LeakGuard.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
