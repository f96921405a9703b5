import { expect, it, vi } from "vitest";
import { BodyRoom } from "./body-room.ts";

it("lets the body that holds most give way, once there is too much", () => {
  const room = new BodyRoom(100);
  const [small, large] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const [first, second] = [room.enter(small), room.enter(large)];
  first.grow(30);
  second.grow(40);
  first.grow(5);
  expect(large).not.toHaveBeenCalled();
  second.grow(26);
  expect(large).toHaveBeenCalledOnce();
  expect(small).not.toHaveBeenCalled();
});

it("has room again for what a body held that gave way, or has left", () => {
  const room = new BodyRoom(100);
  const gaveWay = vi.fn<() => void>();
  for (let n = 0; n < 10; n += 1) {
    const place = room.enter(gaveWay);
    place.grow(100);
    place.leave();
    place.leave();
  }
  expect(gaveWay).not.toHaveBeenCalled();
  const large = room.enter(gaveWay);
  large.grow(101);
  large.grow(100);
  large.leave();
  expect(gaveWay).toHaveBeenCalledOnce();
  room.enter(gaveWay).grow(100);
  expect(gaveWay).toHaveBeenCalledOnce();
});
