"""Makes ocr.json again: what PP-OCR reads in the street sign, by its authors' own steps.

    pip install onnxruntime==1.32.0 opencv-python-headless==5.0.0.93 pyclipper==1.4.0
    python make_ocr.py FOLDER_OF_MODELS PHOTO > ocr.json

The steps and their constants are those of PaddleOCR 2.7 (tools/infer/predict_system.py) with one line a batch.
"""

import json
import math
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
import pyclipper


def runner(path):
    session = onnxruntime.InferenceSession(str(path))
    name = session.get_inputs()[0].name
    return lambda values: session.run(None, {name: values})[0]


def corners_of(points):
    rectangle = cv2.minAreaRect(points)
    corners = sorted(cv2.boxPoints(rectangle).tolist())
    left, right = sorted(corners[:2], key=lambda p: p[1]), sorted(corners[2:], key=lambda p: p[1])
    return np.array([left[0], right[0], right[1], left[1]], np.float32), min(rectangle[1])


def mean_inside(probability, corners):
    mask = np.zeros(probability.shape, np.uint8)
    cv2.fillPoly(mask, corners.reshape(1, -1, 2).astype(np.int32), 1)
    return cv2.mean(probability, mask)[0]


def unclipped(corners, ratio):
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(corners.tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    by = cv2.contourArea(corners) * ratio / cv2.arcLength(corners, True)
    return np.array(offset.Execute(by)[0]).reshape(-1, 1, 2)


def detect(image, model):
    height, width = image.shape[:2]
    scale = min(1, 960 / max(height, width))
    rows, columns = (max(32, round(side * scale / 32) * 32) for side in (height, width))
    pixels = cv2.resize(image, (columns, rows)).astype(np.float32) / 255
    pixels = (pixels - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    probability = model(pixels.transpose(2, 0, 1)[None])[0, 0]
    contours, _ = cv2.findContours((probability > 0.3).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        corners, side = corners_of(contour)
        if side < 3 or mean_inside(probability, corners) < 0.6:
            continue
        corners, side = corners_of(unclipped(corners, 1.5))
        if side >= 5:
            boxes.append(np.clip(np.round(corners * [width / columns, height / rows]), 0, [width, height]))
    return sorted(boxes, key=lambda box: (box[0][1], box[0][0]))


def cut(image, box):
    box = box.astype(np.float32)
    side = lambda a, b: np.linalg.norm(box[a] - box[b])
    width, height = int(max(side(0, 1), side(2, 3))), int(max(side(0, 3), side(1, 2)))
    target = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    turn = cv2.getPerspectiveTransform(box, target)
    crop = cv2.warpPerspective(
        image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
    )
    return np.rot90(crop) if height / width >= 1.5 else crop


def padded(crop, width):
    columns = min(width, math.ceil(48 * crop.shape[1] / crop.shape[0]))
    out = np.zeros((1, 3, 48, width), np.float32)
    out[0, :, :, :columns] = cv2.resize(crop, (columns, 48)).transpose(2, 0, 1) / np.float32(127.5) - 1
    return out


def decoded(steps, labels):
    best = steps.argmax(1)
    kept = [i for i, label in enumerate(best) if label and (i == 0 or label != best[i - 1])]
    return "".join(labels[best[i]] for i in kept), float(steps.max(1)[kept].mean()) if kept else 0.0


def main(folder, photo):
    folder = pathlib.Path(folder)
    find = runner(folder / "ch_PP-OCRv4_det_infer.onnx")
    turned = runner(folder / "ch_ppocr_mobile_v2.0_cls_infer.onnx")
    read = runner(folder / "ch_PP-OCRv4_rec_infer.onnx")
    labels = ["", *(folder / "ppocr_keys_v1.txt").read_text(encoding="utf-8").splitlines(), " "]
    image = cv2.imread(photo)
    lines = []
    for box in detect(image, find):
        crop = cut(image, box)
        if turned(padded(crop, 192))[0, 1] > 0.9:
            crop = cv2.rotate(crop, cv2.ROTATE_180)
        text, confidence = decoded(read(padded(crop, max(320, int(48 * crop.shape[1] / crop.shape[0]))))[0], labels)
        lines.append({"text": text, "confidence": round(confidence, 4), "corners": box.astype(int).tolist()})
    rows = (json.dumps(line, ensure_ascii=False) for line in lines)
    print("[\n  " + ",\n  ".join(rows) + "\n]")


main(*sys.argv[1:])
