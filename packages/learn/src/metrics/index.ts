// For those who judge predictions and need nothing that makes them.
export { logLoss } from './probability-scores.ts'
export { rocAuc } from './roc-auc.ts'
