package io.peerup.node.services;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.SafeText;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;
import io.peerup.node.services.ServiceMessages.Status;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What peers say about services, and what the file says.
class ServiceFuzzTest {

  private static final String PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

  @MethodSource("requests")
  @FuzzTest
  void request(byte[] input) {
    Decoding.of(input, MalformedInput.class, ServiceMessages::decodeRequest)
        .ifPresent(request -> same(ServiceMessages.encode(request), input));
  }

  static Stream<byte[]> requests() {
    return Stream.of(new ServiceRequest(Kind.CONNECT, "web"), new ServiceRequest(Kind.CHECK, "a-1"))
        .map(ServiceMessages::encode);
  }

  @MethodSource("replies")
  @FuzzTest
  void reply(byte[] input) {
    Decoding.of(input, MalformedInput.class, ServiceMessages::decodeReply)
        .ifPresent(
            reply -> same(ServiceMessages.decodeReply(ServiceMessages.encode(reply)), reply));
  }

  static Stream<byte[]> replies() {
    return Stream.of(
            new ServiceReply(Status.OK, ""), new ServiceReply(Status.TARGET_UNREACHABLE, "gone"))
        .map(ServiceMessages::encode);
  }

  @MethodSource("targets")
  @FuzzTest
  void target(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> Target.parse(text(bytes)))
        .ifPresent(target -> {
          check(target.port() >= 1 && target.port() <= 65535, "a port");
          check(target.host().codePoints().allMatch(SafeText::isPrintable), "printable");
          same(Target.parse(target.toString()), target);
        });
  }

  static Stream<byte[]> targets() {
    return Stream.of("127.0.0.1:8000", "[::1]:22", "8080", "host.local:1", "[fe80::1%eth0]:5")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> ServiceStore.decode(Path.of("services.json"), bytes))
        .ifPresent(services ->
            services.forEach((name, service) -> {
              same(service.name(), name);
              check(ServiceName.isValid(name), "a service name");
            }));
  }

  static Stream<byte[]> files() {
    return Stream.of(
            "{\"version\":1,\"services\":[{\"name\":\"web\",\"target\":\"127.0.0.1:80\","
                + "\"enabled\":true,\"allowed\":[\""
                + PEER
                + "\"]},{\"name\":\"ssh\",\"target\":\"[::1]:22\",\"enabled\":false}]}",
            "{\"version\":1,\"services\":[]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
