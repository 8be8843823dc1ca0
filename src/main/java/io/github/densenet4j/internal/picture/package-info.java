/** What is done to a decoded image before a network sees it: cut, resized, turned, recoloured. Depends on {@code io}. */
package io.github.densenet4j.internal.picture;
