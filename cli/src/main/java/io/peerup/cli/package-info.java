/// Commands and their voice. [Peerup] is the entry and lists every command; [Voice] is the only
/// class that prints. A command reaches a running node or relay only through `control`; it starts
/// one only in the commands that are one (`daemon`, `relay serve`). Runs on the main thread.
@NullMarked
package io.peerup.cli;

import org.jspecify.annotations.NullMarked;
