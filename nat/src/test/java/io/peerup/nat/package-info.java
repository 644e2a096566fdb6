@NullMarked
package io.peerup.nat;

import org.jspecify.annotations.NullMarked;
