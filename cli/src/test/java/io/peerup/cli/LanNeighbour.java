package io.peerup.cli;

import java.io.ByteArrayOutputStream;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// A hostile machine on a local network, as a process of its own (see [LanWorld]):
///
/// - `lie TEXT…` answers every question for a code with these strings, at once;
/// - `flood COUNT` sends garbage, questions and lies;
/// - `listen PORT` says who connects;
/// - `hear` repeats every message, a line each, one character a byte.
///
/// It writes its own DNS, so that nothing of what it attacks is part of it.
final class LanNeighbour {

  private static final int PORT = 5353;
  private static final int HEADER = 12;
  private static final byte[] SERVICE = "_peerup-pair".getBytes(StandardCharsets.US_ASCII);

  private LanNeighbour() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "lie" -> lie(List.of(arguments).subList(1, arguments.length));
      case "flood" -> flood(Integer.parseInt(arguments[1]));
      case "hear" -> hear();
      default -> listen(Integer.parseInt(arguments[1]));
    }
  }

  private static InetSocketAddress group() throws Exception {
    return new InetSocketAddress(InetAddress.getByName("224.0.0.251"), PORT);
  }

  private static MulticastSocket socket() throws Exception {
    MulticastSocket socket = new MulticastSocket(new InetSocketAddress("0.0.0.0", PORT));
    NetworkInterface eth = NetworkInterface.getByName("eth0");
    socket.joinGroup(group(), eth);
    socket.setNetworkInterface(eth);
    socket.setTimeToLive(255);
    return socket;
  }

  private static void lie(List<String> texts) throws Exception {
    try (MulticastSocket socket = socket()) {
      System.out.println("ready");
      while (true) {
        DatagramPacket in = new DatagramPacket(new byte[1500], 1500);
        socket.receive(in);
        byte[] got = Arrays.copyOf(in.getData(), in.getLength());
        boolean question = got.length > HEADER && got[2] >= 0;
        if (question && new String(got, StandardCharsets.ISO_8859_1).contains("_peerup-pair")) {
          byte[] lie = answer(Arrays.copyOfRange(got, HEADER, got.length - 4), texts);
          socket.send(new DatagramPacket(lie, lie.length, group()));
          System.out.println("lied");
        }
      }
    }
  }

  private static void hear() throws Exception {
    try (MulticastSocket socket = socket()) {
      System.out.println("ready");
      while (true) {
        DatagramPacket in = new DatagramPacket(new byte[1500], 1500);
        socket.receive(in);
        System.out.println(
            new String(in.getData(), 0, in.getLength(), StandardCharsets.ISO_8859_1)
                .replaceAll("[^ -~]", "."));
      }
    }
  }

  private static byte[] answer(byte[] name, List<String> texts) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (String text : texts) {
      data.write(text.length());
      data.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 0, (byte) 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0});
    out.writeBytes(name);
    out.writeBytes(new byte[] {0, 16, 0, 1, 0, 1, 0x51, (byte) 0x80});
    out.writeBytes(new byte[] {(byte) (data.size() >> 8), (byte) data.size()});
    out.writeBytes(data.toByteArray());
    return out.toByteArray();
  }

  private static void flood(int count) throws Exception {
    Random random = new Random(1);
    try (MulticastSocket socket = socket()) {
      for (int i = 0; i < count; i++) {
        byte[] name = new byte[33];
        random.nextBytes(name);
        name[0] = 32;
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.writeBytes(name);
        full.write(SERVICE.length);
        full.writeBytes(SERVICE);
        full.writeBytes(new byte[] {4, '_', 't', 'c', 'p', 5, 'l', 'o', 'c', 'a', 'l', 0});
        byte[] message =
            switch (i % 3) {
              case 0 -> name;
              case 1 -> question(full.toByteArray());
              default -> answer(full.toByteArray(), List.of("dnsaddr=/ip4/127.0.0.1/tcp/22"));
            };
        socket.send(new DatagramPacket(message, message.length, group()));
      }
      System.out.println("done");
    }
  }

  private static byte[] question(byte[] name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    out.writeBytes(name);
    out.writeBytes(new byte[] {0, 16, 0, 1});
    return out.toByteArray();
  }

  private static void listen(int port) throws Exception {
    try (ServerSocket server = new ServerSocket(port, 50, Inet4Address.getByAddress(new byte[4]))) {
      System.out.println("ready");
      while (true) {
        try (Socket from = server.accept()) {
          System.out.println("dialled by " + from.getInetAddress().getHostAddress());
        }
      }
    }
  }
}
