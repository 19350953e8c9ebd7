import type { FindLearner } from '../../fit-with.ts'
import { checkNumbers, checkTask } from '../check-model.ts'
import { type CalibratedModel, type CalibrationCurve, curveCodes } from './model.ts'

const checkCurve = (curve: CalibrationCurve): void => {
  if (typeof curve !== 'object' || curve === null) throw new RangeError("the model's curves must be curves")
  if ('slope' in curve) {
    if (!(Number.isFinite(curve.slope) && Number.isFinite(curve.intercept)))
      throw new RangeError("the model's curve must have a finite slope and intercept")
    return
  }
  checkNumbers('curve', curve.x, curve.x?.length ?? 0)
  checkNumbers('curve', curve.y, curve.x.length)
  if (curve.x.length === 0 || curve.x.some((value, index) => index > 0 && !(value > curve.x[index - 1])))
    throw new RangeError("the model's curve must have ascending points")
  if (curve.y.some((value) => value < 0 || value > 1))
    throw new RangeError("the model's curve must lie between 0 and 1")
}

/** Throws a RangeError unless members and curves fit together. */
export const checkCalibrated = (
  find: FindLearner,
  { inputs, output, input, members }: CalibratedModel,
): void => {
  checkTask('classification', output)
  if (input !== 'logit' && input !== 'probability')
    throw new RangeError(`the model's input must be 'logit' or 'probability', not '${String(input)}'`)
  if (!Array.isArray(members) || members.length === 0) throw new RangeError('the model must have members')
  for (const member of members) {
    if (typeof member?.model?.kind !== 'string') throw new RangeError("the model's members must be models")
    const { model, curves } = member
    find(model.kind).check(model)
    if (JSON.stringify([model.inputs, model.output]) !== JSON.stringify([inputs, output]))
      throw new RangeError("the model's members must take and give what it does")
    if (!Array.isArray(curves) || curves.length !== curveCodes(output.classes.length).length)
      throw new RangeError("the model's members must have a curve for each class, or one for two")
    curves.forEach(checkCurve)
  }
}
