package io.peerup.node.services;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The two frames that precede what a service stream carries (`docs/protocols/service.md`).
public final class ServiceMessages {

  /// The protocol id; the service's name travels in the request, so that identify does not list
  /// services.
  public static final String PROTOCOL = "/peerup/service/1";

  /// The same, and datagrams of a UDP service travel beside the stream where the connection carries
  /// them. Who speaks it takes them from the moment that the service is granted.
  public static final String BESIDE = "/peerup/service/2";

  /// What an opener proposes, and what is served.
  public static final List<String> PROTOCOLS = List.of(BESIDE, PROTOCOL);

  private static final int VERSION = 1;

  /// What the opener wants.
  public enum Kind {
    /// Connect to the service; raw bytes follow an OK.
    CONNECT(1),
    /// Only say whether the service may be used, and how; nothing follows.
    CHECK(2),
    /// Carry datagrams to the service; frames of one datagram each follow the request and an OK, or
    /// datagrams beside the stream.
    DATAGRAMS(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /// How the offering side answers.
  public enum Status {
    OK(0),
    /// Unknown, disabled, or not for this peer: one answer for all three, so that a peer cannot
    /// list what it may not use.
    NOT_OFFERED(1),
    /// The service exists, its target did not accept the connection.
    TARGET_UNREACHABLE(2),
    /// Too many connections.
    BUSY(3),
    /// The service speaks UDP: ask for [Kind#DATAGRAMS].
    SPEAKS_UDP(4),
    /// Anything newer than this version knows.
    OTHER(255);

    private final int code;

    Status(int code) {
      this.code = code;
    }

    static Status of(int code) {
      for (Status each : values()) {
        if (each.code == code) {
          return each;
        }
      }
      return OTHER;
    }
  }

  /// @param kind what is wanted
  /// @param service a valid service name
  public record ServiceRequest(Kind kind, String service) {
    public ServiceRequest {
      if (!ServiceName.isValid(service)) {
        throw new MalformedInput("not a service name");
      }
    }
  }

  /// @param status the answer
  /// @param message one sentence for people, may be empty
  public record ServiceReply(Status status, String message) {}

  private ServiceMessages() {}

  static byte[] encode(ServiceRequest request) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(request.kind().code)
        .lengthPrefixed(request.service().getBytes(StandardCharsets.UTF_8))
        .toByteArray();
  }

  /// @throws MalformedInput for anything but a whole request of this version
  static ServiceRequest decodeRequest(byte[] frame) {
    ByteReader in = new ByteReader(frame);
    expectVersion(in);
    Kind kind =
        switch (in.u8()) {
          case 1 -> Kind.CONNECT;
          case 2 -> Kind.CHECK;
          case 3 -> Kind.DATAGRAMS;
          default -> throw new MalformedInput("unknown kind of service request");
        };
    String service = new String(in.lengthPrefixed(63), StandardCharsets.UTF_8);
    in.expectEnd();
    return new ServiceRequest(kind, service);
  }

  static byte[] encode(ServiceReply reply) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(reply.status().code)
        .lengthPrefixed(reply.message().getBytes(StandardCharsets.UTF_8))
        .toByteArray();
  }

  /// @throws MalformedInput for anything but a whole reply of this version
  static ServiceReply decodeReply(byte[] frame) {
    ByteReader in = new ByteReader(frame);
    expectVersion(in);
    Status status = Status.of(in.u8());
    String message = new String(in.lengthPrefixed(Limits.FRAME_BYTES_MAX), StandardCharsets.UTF_8);
    in.expectEnd();
    return new ServiceReply(status, message);
  }

  private static void expectVersion(ByteReader in) {
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedInput("service protocol version " + version + ", expected " + VERSION);
    }
  }
}
