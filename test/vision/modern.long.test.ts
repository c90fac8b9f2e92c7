import { beforeAll, describe, expect, it } from "vitest";
import { setDevice } from "../../src/index.ts";
import { Conv2d, Linear, type Module } from "../../src/nn/index.ts";
import { densenet100, densenet121, GoogLeNet, MobileNetV2, mobilenetV2 } from "../../src/vision/index.ts";

beforeAll(() => void setDevice("wasm"));

const count = (model: Module) => model.parameters().reduce((sum, p) => sum + p.numel(), 0);
const layers = (model: Module) => model.modules().filter((part) => part instanceof Conv2d || part instanceof Linear);

describe("networks of full size", () => {
  it("have torchvision's numbers of parameters", () => {
    expect(count(densenet121())).toBe(7_978_856);
    expect(count(mobilenetV2())).toBe(3_504_872);
    expect(count(new GoogLeNet())).toBe(6_624_904);
  });

  it("have the paper's numbers of layers and parameters", () => {
    const small = densenet100();
    expect(layers(small)).toHaveLength(100);
    expect(count(small)).toBe(769_162); // 0.8M
    expect(layers(densenet121())).toHaveLength(121);
    expect(mobilenetV2().summary([1, 3, 224, 224]).multiplyAdds / 1e6).toBeCloseTo(300.8, 1);
  });

  it("shrink small pictures by 8 and large ones by 32", () => {
    const output = (stem: "imagenet" | "small", size: number) => {
      const { rows } = new MobileNetV2({ stem, widthMult: 0.1, numClasses: 2 }).summary([1, 3, size, size]);
      return rows.find(({ name }) => name === "features")?.output?.slice(2);
    };
    expect(output("small", 32)).toEqual([4, 4]);
    expect(output("imagenet", 64)).toEqual([2, 2]);
  });
});
